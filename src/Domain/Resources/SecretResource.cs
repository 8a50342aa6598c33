using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>Bytes that are told to those alone who may read secrets: of a mesh (<c>Secret</c>) or of none (<c>GlobalSecret</c>).</summary>
/// <param name="Mesh">Null: it is a <c>GlobalSecret</c>.</param>
/// <param name="Data">Null where they are not told, as in everything that is made from the log.</param>
public sealed record SecretResource(string? Mesh, string Name, SecretData? Data) : IResource
{
    /// <summary>Labels as the client gave them.</summary>
    public TagSet Labels { get; init; } = TagSet.Empty;

    ResourceType IResource.Type => Mesh is null ? ResourceTypes.GlobalSecret : ResourceTypes.Secret;
}
