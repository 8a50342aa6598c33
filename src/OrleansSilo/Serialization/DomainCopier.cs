using Orleans.Serialization.Cloning;

namespace OrleansMesh.OrleansSilo.Serialization;

/// <summary>Values of the domain never change: between grains of one silo they are passed as they are.</summary>
internal sealed class DomainCopier : IGeneralizedCopier, IOptionalDeepCopier
{
    public bool IsSupportedType(Type type) => MeshSerialization.IsOfDomain(type);

    public bool IsShallowCopyable() => true;

    public object? DeepCopy(object? input, CopyContext context) => input;
}
