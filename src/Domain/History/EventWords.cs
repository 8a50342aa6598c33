using System.Globalization;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
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
        TokenSigningKeyAdded e => $"a key that signs dataplane tokens was made, key id {e.KeyId}",

        DataplaneCreated e => $"dataplane {e.Dataplane.Name} was made {By(e.Origin)}",
        DataplaneChanged e => $"dataplane {e.Dataplane.Name} was changed",
        DataplaneDeleted e => $"the dataplane went: {e.Reason}",
        ProxyConnected e => $"the proxy connected: Envoy {Known(e.Agent.EnvoyVersion)}, agent {Known(e.Agent.AgentVersion)}, xDS {e.Agent.Variant}; session {e.Session}",
        ProxyDisconnected e => $"the connection of session {e.Session} ended",
        ProxyListening => "Envoy took its listeners: the proxy can serve",
        ProxyLeft => "the proxy said that it is about to stop: it serves no more",
        CertificateIssued { Certificate: var c } =>
            $"a certificate was issued, serial {c.Serial}, signed by {c.Backend} (authority {c.AuthorityId}), valid until {Time(c.NotAfter)}",
        ConfigurationRejected { Rejection: var r } => $"Envoy refused {ShortType(r.TypeUrl)} {string.Join(", ", r.Resources)}: {r.Message}",
        ConfigurationAccepted e => $"Envoy took {ShortType(e.TypeUrl)}, which it had refused",
        TcpSourcesSet e => $"who may call TCP port {(e.Address is { } address ? $"{address}:" : "")}{e.Port}: {Sources(e)}",

        EndpointsSet { Endpoints.Count: 0 } e => $"proxy {e.Proxy} left the service",
        EndpointsSet e =>
            $"proxy {e.Proxy} gives the service {string.Join(", ", e.Endpoints.Select(p => $"{p.Address}:{p.Port}{(p.Ready ? "" : " (not ready)")}"))}",

        AuthorityCreated e => $"authority {e.AuthorityId} was made, valid until {Time(e.NotAfter)}",
        AuthorityDeleted => "the authority was deleted and its key destroyed",

        SecretCreated e => $"secret {e.Name} was stored",
        SecretChanged e => $"secret {e.Name} was given other data or labels",
        SecretDeleted e => $"secret {e.Name} was deleted and its data destroyed",
        _ => throw new ArgumentException($"{happened?.GetType()} has no words", nameof(happened)),
    };

    private static string By(DataplaneOrigin origin) => origin is DataplaneOrigin.Api ? "by the API" : "by its proxy, which presented it";

    private static string Sources(TcpSourcesSet set)
        => set.Sources.Count == 0 ? "nobody" : string.Join("; ", set.Sources.Select(s => s.Match.Count == 0 ? "everybody" : s.Match.ToString()));

    private static string ShortType(string typeUrl) => typeUrl[(typeUrl.LastIndexOf('.') + 1)..];

    private static string Known(string version) => version.Length == 0 ? "of an unknown version" : version;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
