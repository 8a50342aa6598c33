using Orleans.Serialization;

namespace OrleansMesh.OrleansSilo.Serialization;

/// <summary>Our own types may be named in a message of another silo; an exception then arrives as what it was.</summary>
internal sealed class MeshTypeFilter : ITypeFilter
{
    public bool? IsTypeAllowed(Type type) => type.Assembly.GetName().Name?.StartsWith("OrleansMesh.", StringComparison.Ordinal) == true ? true : null;
}
