using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>A document that an operator owns.</summary>
public interface IResource
{
    ResourceType Type { get; }

    /// <summary>The mesh that the resource is in; null for a mesh.</summary>
    string? Mesh { get; }

    /// <summary>Unique among the resources of its type in its mesh.</summary>
    string Name { get; }

    /// <summary>Labels as the client gave them.</summary>
    TagSet Labels { get; }
}
