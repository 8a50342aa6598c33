using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Deletes the authorities of meshes that were deleted, and with them their keys: a mesh that is made anew trusts nothing of the old one.</summary>
internal sealed class AbandonedAuthorities(ResourceIndex index, IGrainFactory grains)
{
    /// <summary>Deletes those of one mesh, if it is gone; its deletion must be in the index.</summary>
    public async Task DeleteOf(string mesh, Caller caller)
    {
        if (!index.Current.Meshes.TryGetValue(mesh, out var indexed) || indexed.State.Mesh is not null)
            return;
        foreach (var backend in indexed.Authorities)
            await index.WaitForAsync((await grains.GetGrain<ICertificateAuthorityGrain>($"{mesh}/{backend}").Delete(caller)).Position);
    }

    /// <summary>Deletes what a crash left of any mesh.</summary>
    public async Task DeleteAll()
    {
        foreach (var mesh in index.Current.Meshes.Keys)
            await DeleteOf(mesh, Caller.System);
    }
}
