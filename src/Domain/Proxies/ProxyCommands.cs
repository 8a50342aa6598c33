using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>What can be asked of a proxy.</summary>
public abstract record ProxyCommand;

/// <summary>Makes or changes the Dataplane by the API; it then stays until it is deleted.</summary>
public sealed record ApplyDataplane(Dataplane Dataplane) : ProxyCommand;

/// <summary>Deletes the Dataplane by the API and ends the connection.</summary>
public sealed record DeleteDataplane : ProxyCommand;

/// <summary>An authenticated proxy connected.</summary>
/// <param name="Dataplane">What it presented; null: the stored one holds.</param>
/// <param name="Silo">The run of the silo to which it connected.</param>
public sealed record ConnectProxy(string Session, Dataplane? Dataplane, ProxyAgent Agent, string Silo = "") : ProxyCommand;

public sealed record DisconnectProxy(string Session) : ProxyCommand;

/// <summary>The proxy did not return in time.</summary>
/// <param name="DeadSession">The session that is recorded although its connection ended unnoticed, as in a crash; null when there is none.</param>
public sealed record EndGracePeriod(string? DeadSession) : ProxyCommand;

/// <summary>The proxy is about to stop.</summary>
public sealed record AnnounceLeave : ProxyCommand;

public sealed record ReportListening(string Session) : ProxyCommand;

public sealed record ReportRejected(string Session, ConfigurationRejection Rejection) : ProxyCommand;

public sealed record ReportAccepted(string Session, string TypeUrl) : ProxyCommand;

/// <summary>Envoy acknowledged the trust or the certificate that it holds now.</summary>
public sealed record ReportHeld(string Session, HeldSecrets Held) : ProxyCommand;

public sealed record RecordCertificate(string Session, CertificateRecord Certificate) : ProxyCommand;

/// <summary>Records whether the mesh shuts the proxy out.</summary>
public sealed record FollowQuarantine(bool Quarantined) : ProxyCommand;

/// <summary>Records that an authority could not sign; once, until it can.</summary>
public sealed record RecordCertificateFailure(string Session, CertificateFailure Failure) : ProxyCommand;

/// <summary>Records who may call the TCP inbounds now.</summary>
public sealed record RecordTcpSources(ValueList<InboundSources> Sources) : ProxyCommand;
