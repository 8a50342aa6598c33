using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>The types of resource that there are. Names, paths and short names are those of Kuma 2.14's <c>GET /_resources</c>.</summary>
public static class ResourceTypes
{
    public static readonly ResourceType Mesh = new("Mesh", "mesh", "meshes", ResourceScope.Global, "m");

    public static readonly ResourceType Dataplane = new("Dataplane", "dataplane", "dataplanes", ResourceScope.Mesh, "dp");

    public static readonly ResourceType TrafficPermission = new("TrafficPermission", "traffic-permission", "traffic-permissions", ResourceScope.Mesh, null);

    public static readonly ResourceType Secret = new("Secret", "secret", "secrets", ResourceScope.Mesh, null);

    public static readonly ResourceType GlobalSecret = new("GlobalSecret", "global-secret", "global-secrets", ResourceScope.Global, null);

    public static readonly ResourceType AccessRole = new("AccessRole", "access-role", "access-roles", ResourceScope.Global, null);

    public static readonly ResourceType AccessRoleBinding = new("AccessRoleBinding", "access-role-binding", "access-role-bindings", ResourceScope.Global, null);

    /// <summary>In the order in which resources can be made: each after those that it needs.</summary>
    public static readonly ValueList<ResourceType> All = [GlobalSecret, Mesh, Secret, Dataplane, TrafficPermission, AccessRole, AccessRoleBinding];

    /// <summary>The mesh of a resource that names none.</summary>
    public const string DefaultMesh = "default";

    /// <summary>The type that a document names; null when there is none.</summary>
    public static ResourceType? Find(string name) => All.FirstOrDefault(t => t.Name == name);

    /// <summary>The type with this plural in the API's paths; null when there is none.</summary>
    public static ResourceType? FindByPlural(string plural) => All.FirstOrDefault(t => t.Plural == plural);
}
