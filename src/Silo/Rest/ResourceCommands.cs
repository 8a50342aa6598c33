using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Authorities;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Asks the grain that decides on a resource.</summary>
internal sealed class ResourceCommands(IGrainFactory grains, ResourceIndex index, ProvidedAuthorities provided, TokenSecrets tokens)
{
    public Task<CommandResult> Apply(IResource resource, Caller caller) => resource switch
    {
        Mesh mesh => ApplyMesh(mesh, caller),
        Dataplane dataplane => grains.GetGrain<IProxyGrain>($"{dataplane.Mesh}/{dataplane.Name}").ApplyDataplane(dataplane, caller),
        TrafficPermission permission => grains.GetGrain<IMeshGrain>(permission.Mesh).ApplyTrafficPermission(permission, caller),
        ProxyQuarantine quarantine => grains.GetGrain<IMeshGrain>(quarantine.Mesh).ApplyProxyQuarantine(quarantine, caller),
        SecretResource secret when TokenSecrets.IsOne(resource.Type, secret.Mesh, secret.Name) => tokens.Apply(secret, caller),
        SecretResource secret => grains.GetGrain<ISecretsGrain>(SecretsKeys.Of(secret.Mesh)).Apply(secret, caller),
        AccessRole role => Access.ApplyRole(role, caller),
        AccessRoleBinding binding => Access.ApplyBinding(binding, caller),
        _ => throw new ArgumentException($"{resource.Type} cannot be applied", nameof(resource)),
    };

    private async Task<CommandResult> ApplyMesh(Mesh mesh, Caller caller)
    {
        var taken = await provided.TakeInAsync(mesh, index.Current.FindMesh(mesh.Name)?.State.Mesh);
        if (taken.Problems.Count > 0)
            return new CommandResult(Outcome.Refused, 0, taken.Problems);
        var result = await grains.GetGrain<IMeshGrain>(mesh.Name).ApplyMesh(taken.Mesh, caller);
        if (result.Outcome is not (Outcome.Created or Outcome.Changed))
            await provided.DiscardAsync(taken);
        return result;
    }

    /// <param name="mesh">Null for what is in no mesh.</param>
    public Task<CommandResult> Delete(ResourceType type, string? mesh, string name, Caller caller)
        => type == ResourceTypes.Mesh ? grains.GetGrain<IMeshGrain>(name).DeleteMesh(caller)
            : type == ResourceTypes.Dataplane ? grains.GetGrain<IProxyGrain>($"{mesh}/{name}").DeleteDataplane(caller)
            : type == ResourceTypes.TrafficPermission ? grains.GetGrain<IMeshGrain>(mesh!).DeleteTrafficPermission(name, caller)
            : type == ResourceTypes.ProxyQuarantine ? grains.GetGrain<IMeshGrain>(mesh!).DeleteProxyQuarantine(name, caller)
            : TokenSecrets.IsOne(type, mesh, name) ? tokens.Delete(mesh, name, caller)
            : type == ResourceTypes.Secret || type == ResourceTypes.GlobalSecret ? grains.GetGrain<ISecretsGrain>(SecretsKeys.Of(mesh)).Delete(name, caller)
            : type == ResourceTypes.AccessRole ? Access.DeleteRole(name, caller)
            : type == ResourceTypes.AccessRoleBinding ? Access.DeleteBinding(name, caller)
            : throw new ArgumentException($"{type} cannot be deleted", nameof(type));

    private IAccessGrain Access => grains.GetGrain<IAccessGrain>(IAccessGrain.Key);
}
