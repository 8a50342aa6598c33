using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Reading;

/// <summary>Which resource a request is about, by its URL.</summary>
/// <param name="Mesh">Null for a mesh.</param>
public sealed record ResourceAddress(ResourceType Type, string? Mesh, string Name);
