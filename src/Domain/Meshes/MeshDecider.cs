using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Meshes;

/// <summary>Decides what becomes of a mesh.</summary>
public static class MeshDecider
{
    public static Decision<MeshEvent> Decide(MeshCommand command, MeshState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            ApplyMesh { Mesh: var mesh } => Apply(mesh, state),
            DeleteMesh { ConnectedProxies: var proxies } => Delete(proxies, state),
            ApplyTrafficPermission { Permission: var permission } => Apply(permission, state),
            DeleteTrafficPermission { Name: var name } => state.Permissions.Find(NameOf, name) is null
                ? Decision.NotFound<MeshEvent>()
                : Decision.Deleted<MeshEvent>(new TrafficPermissionDeleted(name)),
            ApplyProxyQuarantine { Quarantine: var quarantine } => Apply(quarantine, state),
            DeleteProxyQuarantine { Name: var name } => state.Quarantines.Find(NameOf, name) is null
                ? Decision.NotFound<MeshEvent>()
                : Decision.Deleted<MeshEvent>(new ProxyQuarantineDeleted(name)),
            ChangeDataplaneTokens { Command: var change } => state.Mesh is null
                ? Decision.MeshNotFound<MeshEvent>()
                : KeyringDecider.Decide(change, state.Tokens, DataplaneTokenEvents.Instance),
            TrustAuthority trust => TrustDecider.Decide(trust, state),
            AdvanceRotation advance => TrustDecider.Decide(advance, state),
            ForceRotation force => TrustDecider.Decide(force, state),
            ReverseRotation reverse => TrustDecider.Decide(reverse, state),
            PauseRotation => TrustDecider.Pause(state),
            ResumeRotation => TrustDecider.Resume(state),
            _ => throw new ArgumentException($"{command} is not known", nameof(command)),
        };
    }

    /// <exception cref="ArgumentException">The event is not one of a mesh's.</exception>
    public static MeshState Evolve(MeshState state, MeshEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        return happened switch
        {
            MeshCreated { Mesh: var mesh } => WithMesh(state, mesh),
            MeshChanged { Mesh: var mesh } => WithMesh(state, mesh),
            MeshDeleted => MeshState.Empty with
            {
                RetiredDataKeys = [.. state.RetiredDataKeys, .. state.Tokens.Keys.Select(k => k.PrivateKey.KeyId), .. ProvidedKeys(state.Mesh)],

                // A token that was signed offline stays revoked in a mesh that is made anew.
                Tokens = state.Tokens with { Keys = [] },
            },
            TrafficPermissionCreated { Permission: var permission } => state with
            {
                PermissionsCreated = state.PermissionsCreated + 1,
                Permissions = state.Permissions.With(NameOf, new PlacedPermission(permission, state.PermissionsCreated + 1)),
            },
            TrafficPermissionChanged { Permission: var permission } => state with
            {
                Permissions = state.Permissions.With(
                    NameOf,
                    state.Permissions.Find(NameOf, permission.Name)! with { Permission = permission }),
            },
            TrafficPermissionDeleted { Name: var name } => state with { Permissions = state.Permissions.Without(NameOf, name) },
            ProxyQuarantineCreated { Quarantine: var quarantine } => state with { Quarantines = state.Quarantines.With(NameOf, quarantine) },
            ProxyQuarantineChanged { Quarantine: var quarantine } => state with { Quarantines = state.Quarantines.With(NameOf, quarantine) },
            ProxyQuarantineDeleted { Name: var name } => state with { Quarantines = state.Quarantines.Without(NameOf, name) },
            TokenSigningKeyAdded e => state with { Tokens = state.Tokens.WithKey(new TokenSigningKey(e.KeyId, e.PublicKey, e.PrivateKey)) },
            TokenSigningKeyRemoved { KeyId: var id } => state with
            {
                Tokens = state.Tokens.WithoutKey(id),
                RetiredDataKeys = state.Tokens.Find(id) is { } gone ? [.. state.RetiredDataKeys, gone.PrivateKey.KeyId] : state.RetiredDataKeys,
            },
            TokensRevoked { TokenIds: var ids } => state with { Tokens = state.Tokens.WithRevoked(ids) },
            TokenRevocationsLifted { TokenIds: var ids } => state with { Tokens = state.Tokens.WithoutRevoked(ids) },
            _ => TrustDecider.Evolve(state.Trust, happened) is { } trust
                ? state with { Trust = trust }
                : throw new ArgumentException($"{happened} is not known", nameof(happened)),
        };
    }

    private static Decision<MeshEvent> Apply(Mesh mesh, MeshState state)
    {
        if (state.Mesh is not { } before)
            return Decision.Created<MeshEvent>(new MeshCreated(mesh));
        if (mesh == before)
            return Decision.Unchanged<MeshEvent>();
        FieldProblem[] problems = [.. BackendsInUse(mesh, state.Trust)];
        return problems.Length > 0 ? Decision.Refused<MeshEvent>(problems) : Decision.Changed<MeshEvent>(new MeshChanged(mesh));
    }

    /// <summary>A backend stays for as long as its authority is trusted. Where mutual TLS is switched off, none is in use.</summary>
    private static IEnumerable<FieldProblem> BackendsInUse(Mesh mesh, MeshTrust trust)
        => mesh.EnabledBackend is null ? []
            : trust.Authorities.Where(a => mesh.Mtls!.Backends.All(b => b.Name != a.Backend)).DistinctBy(a => a.Backend).Select(a => new FieldProblem(
                "mtls.backends",
                $"expected backend '{a.Backend}' to stay: its authority {Use(trust, a.Id)}; enable another backend and remove it when 'meshctl ca status' shows it no more"));

    private static string Use(MeshTrust trust, string authorityId)
        => authorityId == trust.Signer ? "signs the mesh's certificates"
            : authorityId == trust.Next ? "is about to sign the mesh's certificates"
            : "is trusted until no certificate of it is in use";

    private static Decision<MeshEvent> Delete(int proxies, MeshState state)
        => state.Mesh is null ? Decision.NotFound<MeshEvent>()
            : proxies > 0 ? Decision.Refused<MeshEvent>(new FieldProblem("mesh", $"expected a mesh without proxies, but {proxies} are connected or just being made"))
            : Decision.Deleted<MeshEvent>(new MeshDeleted());

    private static Decision<MeshEvent> Apply(TrafficPermission permission, MeshState state)
        => state.Mesh is null ? Decision.MeshNotFound<MeshEvent>()
            : state.Permissions.Find(NameOf, permission.Name) is not { } before ? Decision.Created<MeshEvent>(new TrafficPermissionCreated(permission))
            : before.Permission == permission ? Decision.Unchanged<MeshEvent>()
            : Decision.Changed<MeshEvent>(new TrafficPermissionChanged(permission));

    private static Decision<MeshEvent> Apply(ProxyQuarantine quarantine, MeshState state)
        => state.Mesh is null ? Decision.MeshNotFound<MeshEvent>()
            : state.Quarantines.Find(NameOf, quarantine.Name) is not { } before ? Decision.Created<MeshEvent>(new ProxyQuarantineCreated(quarantine))
            : before == quarantine ? Decision.Unchanged<MeshEvent>()
            : Decision.Changed<MeshEvent>(new ProxyQuarantineChanged(quarantine));

    private static MeshState WithMesh(MeshState state, Mesh mesh)
    {
        var backends = mesh.Mtls?.Backends ?? [];
        var removed = state.Mesh?.Mtls?.Backends.Where(b => backends.All(kept => kept.Name != b.Name)) ?? [];
        return state with
        {
            Mesh = mesh,
            Trust = mesh.EnabledBackend is not { } enabled ? MeshTrust.Empty with { Epoch = state.Trust.Epoch + 1 }
                : enabled.Name != state.Mesh?.EnabledBackend?.Name ? state.Trust with { HeldBack = null }
                : state.Trust,
            RetiredDataKeys = [.. state.RetiredDataKeys, .. removed.Select(KeyOf).OfType<string>()],
        };
    }

    /// <summary>The data keys of the private keys that the mesh was given. Its authorities destroy them too, but one that never was used does not exist.</summary>
    private static IEnumerable<string> ProvidedKeys(Mesh? mesh) => mesh?.Mtls?.Backends.Select(KeyOf).OfType<string>() ?? [];

    private static string? KeyOf(CertificateAuthorityBackend backend) => backend.ProvidedConf?.SealedKey?.KeyId;

    private static string NameOf(PlacedPermission permission) => permission.Permission.Name;

    private static string NameOf(ProxyQuarantine quarantine) => quarantine.Name;

    private sealed class DataplaneTokenEvents : IKeyringEvents<MeshEvent>
    {
        public static readonly DataplaneTokenEvents Instance = new();

        public MeshEvent Added(TokenSigningKey key) => new TokenSigningKeyAdded(key.KeyId, key.PublicKey, key.PrivateKey);

        public MeshEvent Removed(string keyId) => new TokenSigningKeyRemoved(keyId);

        public MeshEvent Revoked(ValueList<string> tokenIds) => new TokensRevoked(tokenIds);

        public MeshEvent Lifted(ValueList<string> tokenIds) => new TokenRevocationsLifted(tokenIds);
    }
}
