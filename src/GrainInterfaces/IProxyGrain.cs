using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.GrainInterfaces;

/// <summary>A proxy: its Dataplane, its connection, its certificates. Key: <c>{mesh}/{name}</c>. Stream: <c>proxy/{mesh}/{name}</c>.</summary>
public interface IProxyGrain : IGrainWithStringKey
{
    /// <summary>Makes or changes the Dataplane by the API; it then stays until it is deleted. The Dataplane has been validated.</summary>
    Task<CommandResult> ApplyDataplane(Dataplane dataplane, Caller caller);

    /// <summary>Deletes the Dataplane; a connected proxy is disconnected.</summary>
    Task<CommandResult> DeleteDataplane(Caller caller);

    /// <summary>The stored Dataplane, or null: what a token is held against when the proxy presents none.</summary>
    [AlwaysInterleave]
    Task<Dataplane?> GetDataplane();

    /// <summary>An authenticated proxy connected. The newest connection counts: the observer of an older one is told that it was superseded.</summary>
    Task<ConnectResult> Connect(ProxyConnection connection, IProxySessionObserver observer, Caller caller);

    /// <summary>A connection ended. A Dataplane that came with it goes after a grace period, unless the proxy returns.</summary>
    Task Disconnect(string session);

    /// <summary>The proxy is about to stop: its endpoints are withdrawn at once, whoever made the Dataplane, until it connects anew.</summary>
    /// <returns>The log position from which on every reader sees it.</returns>
    /// <exception cref="InvalidOperationException">A service could not be told yet, and still sends requests; it is told again until it has been.</exception>
    Task<long> Leave(Caller caller);

    /// <summary>Asks the mesh whether the proxy is shut out. If so its session ends, no other one begins and its endpoints are withdrawn, until it is not.
    /// The mesh calls it when a quarantine that names the proxy comes or goes, and does not wait; what fails is done later.</summary>
    Task FollowQuarantine(Caller caller);

    /// <summary>Signs a certificate for the connected proxy and records it. The private key stays with the caller.</summary>
    /// <exception cref="InvalidOperationException">The session is not the present one, the mesh has no mutual TLS, or the authority cannot sign.</exception>
    Task<RecordedCertificate> IssueCertificate(string session, ValueList<byte> subjectPublicKeyInfo);

    /// <summary>Envoy took the listeners of this session for the first time: the proxy can serve, so its endpoints join their services.</summary>
    Task ReportListening(string session);

    /// <summary>Envoy refused some resources, and said why.</summary>
    Task ReportRejected(string session, ConfigurationRejection rejection);

    /// <summary>Envoy took resources of a type that it had refused before.</summary>
    Task ReportAccepted(string session, string typeUrl);

    /// <summary>While the mesh changes its authorities: Envoy holds this trust, and a certificate of this authority.</summary>
    Task ReportHeld(string session, HeldSecrets held);

    /// <summary>Whether this session is told of changes. It is not after the grain was lost with its silo and came up in another one, which knows no session.</summary>
    Task<bool> Serves(string session);

    /// <summary>Does what a crash or a lost notification left undone: endpoints that should have joined or left, a grace period that ran out.
    /// Cheap when there is nothing to do.</summary>
    /// <param name="spoken">What the log says that the services speak which the proxy calls: where that is what is known of them, they need not be asked. Null: each is asked,
    /// and observed anew.</param>
    Task Reconcile(ValueList<ServiceProtocol>? spoken = null);
}

/// <summary>One proxy's session in the gateway. Calls come in order, one at a time.</summary>
public interface IProxySessionObserver : IGrainObserver
{
    /// <summary>The proxy has to do something else than before.</summary>
    [OneWay]
    Task ViewChanged(ProxyView view);

    /// <summary>The session must end.</summary>
    /// <param name="reason">For the log.</param>
    [OneWay]
    Task SessionEnded(string reason);
}

/// <summary>A proxy that connected and proved what it is.</summary>
/// <param name="Session">Names this connection, unique among all.</param>
/// <param name="Dataplane">The Dataplane that the proxy presented, validated; null when it presented none.</param>
/// <param name="Agent">What connected.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.proxy-connection")]
public sealed record ProxyConnection(
    [property: Id(0)] string Session,
    [property: Id(1)] Dataplane? Dataplane,
    [property: Id(2)] ProxyAgent Agent);

/// <summary>What came of a connection.</summary>
/// <param name="Refusal">Why the proxy may not connect, for the log; null when it may.</param>
/// <param name="View">What it has to do.</param>
/// <param name="Certificate">The certificate that was last issued to it, if any.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.connect-result")]
public sealed record ConnectResult(
    [property: Id(0)] string? Refusal,
    [property: Id(1)] ProxyView? View,
    [property: Id(2)] CertificateRecord? Certificate);

/// <summary>A certificate that was signed for a proxy and recorded in its stream.</summary>
/// <param name="ChainPem">The certificate, then those between it and the trust bundle, PEM.</param>
/// <param name="Record">What was signed and recorded: the identity of that moment.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.recorded-certificate")]
public sealed record RecordedCertificate([property: Id(0)] string ChainPem, [property: Id(1)] CertificateRecord Record);
