using OrleansMesh.Domain.Resources;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Rest;

/// <summary>Asks the grain that decides on a resource.</summary>
internal sealed class ResourceCommands(IGrainFactory grains)
{
    public Task<CommandResult> Apply(IResource resource, Caller caller) => resource switch
    {
        Mesh mesh => grains.GetGrain<IMeshGrain>(mesh.Name).ApplyMesh(mesh, caller),
        Dataplane dataplane => grains.GetGrain<IProxyGrain>($"{dataplane.Mesh}/{dataplane.Name}").ApplyDataplane(dataplane, caller),
        TrafficPermission permission => grains.GetGrain<IMeshGrain>(permission.Mesh).ApplyTrafficPermission(permission, caller),
        SecretResource secret => grains.GetGrain<ISecretsGrain>(SecretsKeys.Of(secret.Mesh)).Apply(secret, caller),
        _ => throw new ArgumentException($"{resource.Type} cannot be applied", nameof(resource)),
    };

    /// <param name="mesh">Null for what is in no mesh.</param>
    public Task<CommandResult> Delete(ResourceType type, string? mesh, string name, Caller caller)
        => type == ResourceTypes.Mesh ? grains.GetGrain<IMeshGrain>(name).DeleteMesh(caller)
            : type == ResourceTypes.Dataplane ? grains.GetGrain<IProxyGrain>($"{mesh}/{name}").DeleteDataplane(caller)
            : type == ResourceTypes.TrafficPermission ? grains.GetGrain<IMeshGrain>(mesh!).DeleteTrafficPermission(name, caller)
            : type == ResourceTypes.Secret || type == ResourceTypes.GlobalSecret ? grains.GetGrain<ISecretsGrain>(SecretsKeys.Of(mesh)).Delete(name, caller)
            : throw new ArgumentException($"{type} cannot be deleted", nameof(type));
}
