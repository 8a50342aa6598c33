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
            ChangeDataplaneTokens { Command: var change } => state.Mesh is null
                ? Decision.MeshNotFound<MeshEvent>()
                : KeyringDecider.Decide(change, state.Tokens, DataplaneTokenEvents.Instance),
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
                RetiredDataKeys = [.. state.RetiredDataKeys, .. state.Tokens.Keys.Select(k => k.PrivateKey.KeyId)],

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
            TokenSigningKeyAdded e => state with { Tokens = state.Tokens.WithKey(new TokenSigningKey(e.KeyId, e.PublicKey, e.PrivateKey)) },
            TokenSigningKeyRemoved { KeyId: var id } => state with
            {
                Tokens = state.Tokens.WithoutKey(id),
                RetiredDataKeys = state.Tokens.Find(id) is { } gone ? [.. state.RetiredDataKeys, gone.PrivateKey.KeyId] : state.RetiredDataKeys,
            },
            TokensRevoked { TokenIds: var ids } => state with { Tokens = state.Tokens.WithRevoked(ids) },
            TokenRevocationsLifted { TokenIds: var ids } => state with { Tokens = state.Tokens.WithoutRevoked(ids) },
            _ => throw new ArgumentException($"{happened} is not known", nameof(happened)),
        };
    }

    private static Decision<MeshEvent> Apply(Mesh mesh, MeshState state)
    {
        if (state.Mesh is not { } before)
            return Decision.Created<MeshEvent>(new MeshCreated(mesh));
        if (mesh == before)
            return Decision.Unchanged<MeshEvent>();
        FieldProblem[] problems = [.. Rotation(mesh, before, state)];
        return problems.Length > 0 ? Decision.Refused<MeshEvent>(problems) : Decision.Changed<MeshEvent>(new MeshChanged(mesh));
    }

    private static IEnumerable<FieldProblem> Rotation(Mesh mesh, Mesh before, MeshState state)
    {
        if ((before.EnabledBackend?.Name, mesh.EnabledBackend?.Name) is ({ } enabled, { } wanted) && enabled != wanted)
        {
            yield return new FieldProblem(
                "mtls.enabledBackend",
                $"expected '{enabled}', which is enabled now, or none: changing to another authority (rotation) is not supported yet");
        }

        foreach (var (index, backend) in (mesh.Mtls?.Backends ?? []).Index())
        {
            if (state.KnownBackends.Find(NameOf, backend.Name) is { } known && !SameAuthority(known, backend))
            {
                yield return new FieldProblem(
                    $"mtls.backends[{index}].conf",
                    $"expected the settings that backend '{backend.Name}' was made with: replacing its authority (rotation) is not supported yet");
            }
        }
    }

    private static bool SameAuthority(CertificateAuthorityBackend a, CertificateAuthorityBackend b)
        => a.Type == b.Type && a.Conf?.CaCert?.RsaBits == b.Conf?.CaCert?.RsaBits && a.AuthorityLifetime == b.AuthorityLifetime;

    private static Decision<MeshEvent> Delete(int proxies, MeshState state)
        => state.Mesh is null ? Decision.NotFound<MeshEvent>()
            : proxies > 0 ? Decision.Refused<MeshEvent>(new FieldProblem("mesh", $"expected a mesh without proxies, but {proxies} are connected or just being made"))
            : Decision.Deleted<MeshEvent>(new MeshDeleted());

    private static Decision<MeshEvent> Apply(TrafficPermission permission, MeshState state)
        => state.Mesh is null ? Decision.MeshNotFound<MeshEvent>()
            : state.Permissions.Find(NameOf, permission.Name) is not { } before ? Decision.Created<MeshEvent>(new TrafficPermissionCreated(permission))
            : before.Permission == permission ? Decision.Unchanged<MeshEvent>()
            : Decision.Changed<MeshEvent>(new TrafficPermissionChanged(permission));

    private static MeshState WithMesh(MeshState state, Mesh mesh)
    {
        var known = state.KnownBackends;
        foreach (var backend in mesh.Mtls?.Backends ?? [])
        {
            if (known.Find(NameOf, backend.Name) is null)
                known = known.With(NameOf, backend);
        }

        return state with { Mesh = mesh, KnownBackends = known };
    }

    private static string NameOf(PlacedPermission permission) => permission.Permission.Name;

    private static string NameOf(CertificateAuthorityBackend backend) => backend.Name;

    private sealed class DataplaneTokenEvents : IKeyringEvents<MeshEvent>
    {
        public static readonly DataplaneTokenEvents Instance = new();

        public MeshEvent Added(TokenSigningKey key) => new TokenSigningKeyAdded(key.KeyId, key.PublicKey, key.PrivateKey);

        public MeshEvent Removed(string keyId) => new TokenSigningKeyRemoved(keyId);

        public MeshEvent Revoked(ValueList<string> tokenIds) => new TokensRevoked(tokenIds);

        public MeshEvent Lifted(ValueList<string> tokenIds) => new TokenRevocationsLifted(tokenIds);
    }
}
