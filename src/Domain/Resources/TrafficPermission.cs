using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>Who may call whom. Where it governs an inbound, its sources alone decide.</summary>
public sealed record TrafficPermission(string Mesh, string Name, ValueList<Selector> Sources, ValueList<Selector> Destinations) : IResource
{
    /// <summary>Labels as the client gave them.</summary>
    public TagSet Labels { get; init; } = TagSet.Empty;

    ResourceType IResource.Type => ResourceTypes.TrafficPermission;
}

/// <summary>Selects by tags.</summary>
/// <param name="Match">Every one of these tags must be there with this value; the value <c>*</c> stands for any value.</param>
public sealed record Selector(TagSet Match)
{
    /// <summary>The value that stands for any value.</summary>
    public const string Any = "*";
}
