using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>What happened to a proxy. Stream: <c>proxy/{mesh}/{name}</c>.</summary>
public abstract record ProxyEvent;

[EventType("dataplane.created")]
public sealed record DataplaneCreated(Dataplane Dataplane, DataplaneOrigin Origin) : ProxyEvent;

[EventType("dataplane.changed")]
public sealed record DataplaneChanged(Dataplane Dataplane, DataplaneOrigin Origin) : ProxyEvent;

[EventType("dataplane.deleted")]
public sealed record DataplaneDeleted(string Reason) : ProxyEvent;

/// <summary>A proxy connected; an earlier session that has not ended counts for nothing from now on.</summary>
/// <param name="Session">Names the connection, unique among all.</param>
/// <param name="Silo">The run of the silo that has the connection: where that is no more, neither is the connection. Empty in events of servers that did not say.</param>
[EventType("proxy.connected")]
public sealed record ProxyConnected(string Session, ProxyAgent Agent, string Silo = "") : ProxyEvent;

[EventType("proxy.disconnected")]
public sealed record ProxyDisconnected(string Session) : ProxyEvent;

/// <summary>Envoy took its listeners, so the proxy can serve.</summary>
[EventType("proxy.listening")]
public sealed record ProxyListening(string Session) : ProxyEvent;

/// <summary>The proxy said that it is about to stop: it serves no more, until it connects anew and listens.</summary>
[EventType("proxy.left")]
public sealed record ProxyLeft : ProxyEvent;

[EventType("proxy.certificate-issued")]
public sealed record CertificateIssued(CertificateRecord Certificate) : ProxyEvent;

/// <summary>The proxy was shut out of its mesh: its session ended and its endpoints are withdrawn. Who did it, and why, is in the mesh's stream.</summary>
[EventType("proxy.quarantined")]
public sealed record ProxyQuarantined : ProxyEvent;

/// <summary>The proxy may connect again.</summary>
[EventType("proxy.quarantine-lifted")]
public sealed record ProxyQuarantineLifted : ProxyEvent;

/// <summary>An authority could not sign, for the first time since the last certificate or connection.</summary>
[EventType("proxy.certificate-not-issued")]
public sealed record CertificateNotIssued(CertificateFailure Failure) : ProxyEvent;

[EventType("proxy.configuration-rejected")]
public sealed record ConfigurationRejected(ConfigurationRejection Rejection) : ProxyEvent;

/// <summary>While a mesh changes its authorities: what Envoy acknowledged of its trust and its certificate.</summary>
[EventType("proxy.secrets-held")]
public sealed record ProxySecretsHeld(HeldSecrets Held) : ProxyEvent;

/// <summary>Envoy took resources of a type that it had refused before.</summary>
[EventType("proxy.configuration-accepted")]
public sealed record ConfigurationAccepted(string TypeUrl) : ProxyEvent;

/// <summary>Who may call a TCP inbound from now on.</summary>
/// <param name="Sources">Empty: nobody.</param>
/// <param name="Epoch">Greater than before if, and only if, somebody lost the permission.</param>
/// <param name="Address">The inbound's own address, where it has one.</param>
[EventType("proxy.tcp-sources-set")]
public sealed record TcpSourcesSet(int Port, ValueList<Selector> Sources, long Epoch, string? Address = null) : ProxyEvent
{
    /// <summary>Proxies that may not call although a source lets them in, in ordinal order.</summary>
    public ValueList<string> Quarantined { get; init; } = [];
}
