using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.ControlPlane;

/// <summary>Where the API has resources, and how a person is told of them.</summary>
internal static class ResourcePaths
{
    /// <summary>The path of all resources of this type in the mesh.</summary>
    public static string PathIn(this ResourceType type, string mesh)
        => type.Scope == ResourceScope.Mesh ? $"/meshes/{Uri.EscapeDataString(mesh)}/{type.Plural}" : $"/{type.Plural}";

    /// <summary>The path of one resource.</summary>
    public static string PathOf(this ResourceType type, string mesh, string name) => $"{type.PathIn(mesh)}/{Uri.EscapeDataString(name)}";

    /// <summary>Names one resource to a person.</summary>
    public static string Title(this ResourceType type, string mesh, string name)
        => type.Scope == ResourceScope.Mesh ? $"{type.Singular} '{name}' of mesh '{mesh}'" : $"{type.Singular} '{name}'";
}
