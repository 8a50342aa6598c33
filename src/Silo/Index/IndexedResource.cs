using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Silo.Index;

/// <summary>A resource as it is now.</summary>
public sealed record IndexedResource(IResource Resource, ResourceTimes Times)
{
    /// <summary>The resource of that type and name, or null.</summary>
    /// <param name="mesh">Null for what is in no mesh.</param>
    public static IndexedResource? Find(IndexState state, ResourceType type, string? mesh, string name)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (type == ResourceTypes.Mesh)
            return state.FindMesh(name) is { } found ? OfMesh(found) : null;
        if (type == ResourceTypes.Dataplane)
            return state.FindMesh(mesh!)?.Proxies.GetValueOrDefault(name) is { State.Dataplane: { } dataplane, Times: { } times } ? new(dataplane, times) : null;
        if (type == ResourceTypes.GlobalSecret)
            return state.GlobalSecrets.All(null).FirstOrDefault(r => r.Resource.Name == name);
        if (type == ResourceTypes.AccessRole || type == ResourceTypes.AccessRoleBinding)
            return state.Access.All(type).FirstOrDefault(r => r.Resource.Name == name);
        return InMesh(state.FindMesh(mesh!), type).FirstOrDefault(r => r.Resource.Name == name);
    }

    /// <summary>All resources of the type, by mesh and name in ordinal order.</summary>
    /// <param name="mesh">Those of one mesh; null: all.</param>
    public static IEnumerable<IndexedResource> All(IndexState state, ResourceType type, string? mesh = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        return type == ResourceTypes.Mesh ? state.PresentMeshes.Select(OfMesh)
            : type == ResourceTypes.GlobalSecret ? state.GlobalSecrets.All(null)
            : type == ResourceTypes.AccessRole || type == ResourceTypes.AccessRoleBinding ? state.Access.All(type)
            : mesh is null ? state.PresentMeshes.SelectMany(m => InMesh(m, type))
            : InMesh(state.FindMesh(mesh), type);
    }

    private static IndexedResource OfMesh(IndexedMesh mesh) => new(mesh.State.Mesh!, mesh.Times!);

    private static IEnumerable<IndexedResource> InMesh(IndexedMesh? mesh, ResourceType type)
        => mesh is null ? []
            : type == ResourceTypes.Dataplane ? mesh.Dataplanes.Select(d => new IndexedResource(d.Dataplane, d.Proxy.Times!))
            : type == ResourceTypes.TrafficPermission
                ? mesh.State.Permissions.Select(p => new IndexedResource(p.Permission, mesh.PermissionTimes[p.Permission.Name]))
            : type == ResourceTypes.Secret ? mesh.Secrets.All(mesh.State.Mesh!.Name)
            : throw new ArgumentException($"{type} is not indexed", nameof(type));
}
