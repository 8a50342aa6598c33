using System.Globalization;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.ControlPlanes;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Secrets;
using OrleansMesh.Domain.Services;

namespace OrleansMesh.Domain.History;

/// <summary>Says what happened in one line, for people. Every event type has its words; no secret is ever among them.</summary>
public static class EventWords
{
    /// <exception cref="ArgumentException">It is no event, or one that has no words.</exception>
    public static string Of(object happened) => happened switch
    {
        MeshCreated e => $"mesh {e.Mesh.Name} was made",
        MeshChanged e => $"mesh {e.Mesh.Name} was changed",
        MeshDeleted => "the mesh was deleted, and with it its policies and token keys",
        TrafficPermissionCreated e => $"traffic permission {e.Permission.Name} was made",
        TrafficPermissionChanged e => $"traffic permission {e.Permission.Name} was changed",
        TrafficPermissionDeleted e => $"traffic permission {e.Name} was deleted",
        ProxyQuarantineCreated { Quarantine: var q } => $"proxy {q.Proxy} was quarantined by {q.Name}{Why(q)}",
        ProxyQuarantineChanged { Quarantine: var q } => $"quarantine {q.Name} was changed: it shuts out proxy {q.Proxy}{Why(q)}",
        ProxyQuarantineDeleted e => $"quarantine {e.Name} was lifted",
        TokenSigningKeyAdded e => $"a key that signs dataplane tokens was made, key id {e.KeyId}",

        AuthorityTrusted { Deadline: null } e => $"authority {e.Authority.Id} of backend {e.Authority.Backend} is trusted and signs",
        AuthorityTrusted e => $"authority {e.Authority.Id} of backend {e.Authority.Backend} is trusted too; it signs when every proxy trusts it, at the latest {Time(e.Deadline!.Value)}",
        SignerChanged { Unconfirmed.Count: > 0 } e => $"authority {e.AuthorityId} signs ({e.Reason}); not known to be trusted by {string.Join(", ", e.Unconfirmed)}",
        SignerChanged e => $"authority {e.AuthorityId} signs ({e.Reason})",
        AuthorityWithdrawn { InUse.Count: > 0 } e => $"authority {e.AuthorityId} is trusted no more ({e.Reason}); still used by {string.Join(", ", e.InUse)}",
        AuthorityWithdrawn e => $"authority {e.AuthorityId} is trusted no more ({e.Reason})",
        RotationReversed e => $"back to authority {e.AuthorityId}; {e.HeldBack} is held back",
        RotationPaused => "the change of authorities was paused",
        RotationResumed => "the change of authorities goes on",

        DataplaneCreated e => $"dataplane {e.Dataplane.Name} was made {By(e.Origin)}",
        DataplaneChanged e => $"dataplane {e.Dataplane.Name} was changed",
        DataplaneDeleted e => $"the dataplane went: {e.Reason}",
        ProxyConnected e => $"the proxy connected: Envoy {Known(e.Agent.EnvoyVersion)}, agent {Known(e.Agent.AgentVersion)}, xDS {e.Agent.Variant}; session {e.Session}",
        ProxyDisconnected e => $"the connection of session {e.Session} ended",
        ProxyListening => "Envoy took its listeners: the proxy can serve",
        ProxySecretsHeld e => $"the proxy holds trust bundle {e.Held.Bundle}{(e.Held.Authority is { } held ? $" and a certificate of authority {held}" : "")}",
        ProxyLeft => "the proxy said that it is about to stop: it serves no more",
        CertificateIssued { Certificate: var c } =>
            $"a certificate was issued, serial {c.Serial}, signed by {c.Backend} (authority {c.AuthorityId}), valid until {Time(c.NotAfter)}",
        CertificateNotIssued { Failure: var f } => $"authority {f.Backend} signed no certificate: {f.Reason}",
        ProxyQuarantined => "the proxy was quarantined: its connection ended and its endpoints were withdrawn",
        ProxyQuarantineLifted => "the proxy's quarantine was lifted",
        ConfigurationRejected { Rejection: var r } => $"Envoy refused {ShortType(r.TypeUrl)} {string.Join(", ", r.Resources)}: {r.Message}",
        ConfigurationAccepted e => $"Envoy took {ShortType(e.TypeUrl)}, which it had refused",
        TcpSourcesSet e => $"who may call TCP port {(e.Address is { } address ? $"{address}:" : "")}{e.Port}: {Sources(e)}{(e.Quarantined.Count == 0 ? "" : $", but not {string.Join(", ", e.Quarantined)}")}",

        EndpointsSet { Endpoints.Count: 0 } e => $"proxy {e.Proxy} left the service",
        EndpointsSet e =>
            $"proxy {e.Proxy} gives the service {string.Join(", ", e.Endpoints.Select(p => $"{p.Address}:{p.Port}{(p.Ready ? "" : " (not ready)")}"))}",

        AuthorityCreated e => $"authority {e.AuthorityId} was {(e.Provided ? "taken over" : "made")}, valid until {Time(e.NotAfter)}",
        AuthorityRetired e => $"authority {e.AuthorityId} was retired and its key destroyed",
        AuthorityDeleted => "the authority was deleted and its key destroyed",

        SecretCreated e => $"secret {e.Name} was stored",
        SecretChanged e => $"secret {e.Name} was given other data or labels",
        SecretDeleted e => $"secret {e.Name} was deleted and its data destroyed",

        TokenSigningKeyRemoved e => $"the key {e.KeyId} that signs dataplane tokens was removed: what it signed is good no more",
        TokensRevoked e => $"dataplane tokens were revoked: {string.Join(", ", e.TokenIds)}",
        TokenRevocationsLifted e => $"dataplane tokens are good again: {string.Join(", ", e.TokenIds)}",
        UserTokenSigningKeyAdded e => $"a key that signs user tokens was made, key id {e.KeyId}",
        UserTokenSigningKeyRemoved e => $"the key {e.KeyId} that signs user tokens was removed: what it signed is good no more",
        UserTokensRevoked e => $"user tokens were revoked: {string.Join(", ", e.TokenIds)}",
        UserTokenRevocationsLifted e => $"user tokens are good again: {string.Join(", ", e.TokenIds)}",
        AccessRoleCreated e => $"access role {e.Role.Name} was made",
        AccessRoleChanged e => $"access role {e.Role.Name} was changed",
        AccessRoleDeleted e => $"access role {e.Name} was deleted",
        AccessRoleBindingCreated e => $"access role binding {e.Binding.Name} was made",
        AccessRoleBindingChanged e => $"access role binding {e.Binding.Name} was changed",
        AccessRoleBindingDeleted e => $"access role binding {e.Name} was deleted",

        DpServerAuthorityMade => "the authority of the servers that share this log was made: it vouches for each of them to its proxies",
        _ => throw new ArgumentException($"{happened?.GetType()} has no words", nameof(happened)),
    };

    private static string By(DataplaneOrigin origin) => origin is DataplaneOrigin.Api ? "by the API" : "by its proxy, which presented it";

    private static string Why(ProxyQuarantine quarantine) => quarantine.Reason is { } reason ? $": {reason}" : "";

    private static string Sources(TcpSourcesSet set)
        => set.Sources.Count == 0 ? "nobody" : string.Join("; ", set.Sources.Select(s => s.Match.Count == 0 ? "everybody" : s.Match.ToString()));

    private static string ShortType(string typeUrl) => typeUrl[(typeUrl.LastIndexOf('.') + 1)..];

    private static string Known(string version) => version.Length == 0 ? "of an unknown version" : version;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
