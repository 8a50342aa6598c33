using OrleansMesh.Domain.History;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>Where the API has resources, and how a person is told of them.</summary>
internal static class ResourcePaths
{
    /// <summary>The path of all resources of this type in the mesh.</summary>
    /// <exception cref="CommandFailedException">Nothing can have the mesh's name.</exception>
    public static string PathIn(this ResourceType type, string mesh)
        => type.Scope == ResourceScope.Mesh ? $"/meshes/{Segment(mesh)}/{type.Plural}" : $"/{type.Plural}";

    /// <summary>The path of one resource.</summary>
    /// <exception cref="CommandFailedException">Nothing can have the name, or the mesh's.</exception>
    public static string PathOf(this ResourceType type, string mesh, string name) => $"{type.PathIn(mesh)}/{Segment(name)}";

    /// <summary>The path of one subject's history.</summary>
    /// <exception cref="CommandFailedException">Nothing can have the name, or the mesh's.</exception>
    public static string PathOf(this HistoryKind kind, string mesh, string name)
        => $"{(kind.Scope == ResourceScope.Mesh ? $"/meshes/{Segment(mesh)}" : "")}/{kind.Plural}/{Segment(name)}/_history";

    /// <summary>Names one resource to a person.</summary>
    public static string Title(this ResourceType type, string mesh, string name)
        => type.Scope == ResourceScope.Mesh ? $"{type.Singular} '{name}' of mesh '{mesh}'" : $"{type.Singular} '{name}'";

    // No escaping keeps a segment of dots from becoming another path (RFC 3986, section 5.2.4): that of the whole mesh, or of all resources.
    private static string Segment(string name)
        => name is "" or "." or ".." ? throw new CommandFailedException($"'{name}' is no name that a resource can have") : Uri.EscapeDataString(name);
}
