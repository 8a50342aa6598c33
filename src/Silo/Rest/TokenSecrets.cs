using System.Text;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>
/// Secrets by whose names Kuma's users rotate signing keys and revoke tokens: <c>dataplane-token-signing-key-{mesh}-{serial}</c> and
/// <c>dataplane-token-revocations-{mesh}</c> in a mesh, <c>user-token-signing-key-{serial}</c> and <c>user-token-revocations</c> among the global ones.
/// Applying or deleting one does here what it does there; none of them is kept as a secret, so none can be read.
/// </summary>
internal sealed class TokenSecrets(IGrainFactory grains, ResourceIndex index)
{
    /// <summary>Whether the name says that it is one of these.</summary>
    public static bool IsOne(ResourceType type, string? mesh, string name) => type.IsSecret && (IsRevocations(mesh, name) || SerialOf(mesh, name) is not null);

    /// <summary>Adds the signing key, or makes the revoked tokens those that are listed, separated by commas.</summary>
    public async Task<CommandResult> Apply(SecretResource secret, Caller caller)
    {
        if (SerialOf(secret.Mesh, secret.Name) is { } serial)
        {
            var key = new ImportedSigningKey(serial, secret.Data!);
            return secret.Mesh is { } mesh ? await Mesh(mesh).AddTokenSigningKey(key, caller) : await Access.AddTokenSigningKey(key, caller);
        }

        var listed = Encoding.UTF8.GetString(secret.Data!.Bytes)
            .Split([',', '\n', '\r', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToValueList();
        var revoked = await Change(secret.Mesh, new RevokeTokens(listed), caller);
        if (revoked.Outcome == Outcome.Refused)
            return revoked;
        var lifted = await Change(secret.Mesh, new LiftRevocations(RingOf(secret.Mesh).Revoked.Except(listed).ToValueList()), caller);
        return new CommandResult(Outcome.Changed, Math.Max(revoked.Position, lifted.Position));
    }

    /// <summary>Removes the signing key, or takes all revocations back.</summary>
    public Task<CommandResult> Delete(string? mesh, string name, Caller caller)
        => Change(mesh, SerialOf(mesh, name) is { } serial ? new RemoveSigningKey(serial) : new LiftRevocations(RingOf(mesh).Revoked), caller);

    private IAccessGrain Access => grains.GetGrain<IAccessGrain>(IAccessGrain.Key);

    private IMeshGrain Mesh(string mesh) => grains.GetGrain<IMeshGrain>(mesh);

    private TokenKeyring RingOf(string? mesh)
        => mesh is null ? index.Current.Access.State.Tokens : index.Current.FindMesh(mesh)?.State.Tokens ?? TokenKeyring.Empty;

    private Task<CommandResult> Change(string? mesh, KeyringCommand command, Caller caller)
        => mesh is null ? Access.ChangeTokens(command, caller) : Mesh(mesh).ChangeTokens(command, caller);

    private static bool IsRevocations(string? mesh, string name) => name == (mesh is null ? "user-token-revocations" : $"dataplane-token-revocations-{mesh}");

    private static string? SerialOf(string? mesh, string name)
    {
        var prefix = mesh is null ? "user-token-signing-key-" : $"dataplane-token-signing-key-{mesh}-";
        return name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length ? name[prefix.Length..] : null;
    }
}
