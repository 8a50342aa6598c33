using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// Deletes what deleted meshes left: their authorities and secrets, and with them their keys, so that a mesh that is made anew trusts nothing of the old one;
/// and a Dataplane that was made at the very moment when its mesh was deleted.
/// </summary>
internal sealed class DeletedMeshes(ResourceIndex index, IGrainFactory grains)
{
    /// <summary>Deletes what one mesh left, if it is gone; its deletion must be in the index.</summary>
    public async Task CleanUp(string mesh, Caller caller)
    {
        if (!index.Current.Meshes.TryGetValue(mesh, out var indexed) || indexed.State.Mesh is not null)
            return;
        foreach (var (dataplane, _) in indexed.Dataplanes)
            await index.WaitForAsync((await grains.GetGrain<IProxyGrain>(new ProxyId(mesh, dataplane.Name).Key).DeleteDataplane(caller)).Position);
        foreach (var (backend, _) in indexed.Authorities.Where(a => a.Value.Newest is not null))
            await index.WaitForAsync((await grains.GetGrain<ICertificateAuthorityGrain>($"{mesh}/{backend}").Delete(caller)).Position);
        if (indexed.Secrets.State.Secrets.Count > 0)
            await index.WaitForAsync((await grains.GetGrain<ISecretsGrain>(SecretsKeys.OfMesh(mesh)).DeleteAll(caller)).Position);
    }

    /// <summary>Deletes what a crash left of any mesh.</summary>
    public async Task CleanUpAll()
    {
        foreach (var mesh in index.Current.Meshes.Keys)
            await CleanUp(mesh, Caller.System);
    }
}
