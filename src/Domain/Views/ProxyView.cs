using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Views;

/// <summary>What one proxy has to do, in our own words. Equal views need the same Envoy configuration.</summary>
/// <param name="Identity">The proxy's identity; null when its mesh has no mutual TLS, and then everything is plain.</param>
/// <param name="Inbounds">In the order of the Dataplane.</param>
/// <param name="Outbounds">In the order of the Dataplane.</param>
public sealed record ProxyView(ProxyId Proxy, IdentityView? Identity, ValueList<InboundView> Inbounds, ValueList<OutboundView> Outbounds);

/// <summary>What a proxy's certificate must say, and whom it trusts. The certificate and its key are not part of the view.</summary>
/// <param name="Backend">The backend of the authority that signs.</param>
/// <param name="Uris">The URI subject alternative names: <c>spiffe://{mesh}/{service}</c> for each service, then <c>kuma://{tag}/{value}</c>
/// for each tag, each kind in ordinal order, and last the one that names the proxy itself, <see cref="ProxyId.Uri"/>.</param>
/// <param name="TrustBundle">PEM certificates of the authorities that the proxy trusts. Empty when no authority could be had: then the proxy
/// trusts nobody, and keeps what it has until there is one.</param>
/// <param name="CertificateLifetime">How long its certificates live.</param>
/// <param name="Authority">The identity of the authority that signs; empty when none could be had.</param>
/// <param name="ConfirmBundle">Names the trust bundle while it matters what the proxy holds; null: nobody asks.</param>
/// <param name="RsaBits">Bits of their RSA keys; null: their keys are P-256.</param>
/// <param name="Mode">What its inbounds accept.</param>
public sealed record IdentityView(
    string Backend,
    ValueList<string> Uris,
    string TrustBundle,
    TimeSpan CertificateLifetime,
    string Authority = "",
    string? ConfirmBundle = null,
    int? RsaBits = null,
    MtlsMode Mode = MtlsMode.Strict);

/// <summary>A port that the proxy guards.</summary>
/// <param name="Address">The IP address on which the proxy listens.</param>
/// <param name="Port">The port on which the proxy listens.</param>
/// <param name="Tags">The inbound's tags, the service among them.</param>
/// <param name="ServiceAddress">The workload's IP address.</param>
/// <param name="ServicePort">The workload's port.</param>
/// <param name="Permission">The permission that governs; null: nobody may call. It has no meaning without mutual TLS.</param>
/// <param name="RevocationEpoch">For TCP: counts how often somebody lost the permission to call; connections of before are closed when it
/// grows. Always 0 for HTTP, where each request is checked.</param>
public sealed record InboundView(
    string Address,
    int Port,
    TagSet Tags,
    Protocol Protocol,
    string ServiceAddress,
    int ServicePort,
    GoverningPermission? Permission,
    long RevocationEpoch)
{
    public string Service => Tags[TagSet.ServiceTag];

    /// <summary>Proxies of the mesh that may not call although the permission lets them in, in ordinal order; empty where nobody may.</summary>
    public ValueList<string> Quarantined { get; init; } = [];
}

/// <summary>A service that the workload calls through the proxy.</summary>
/// <param name="Address">The IP address on which the proxy listens for the workload.</param>
/// <param name="Port">The port on which the proxy listens for the workload.</param>
/// <param name="Destination">Which endpoints.</param>
/// <param name="Protocol">What the destination speaks, as far as it is known; TCP otherwise.</param>
public sealed record OutboundView(string Address, int Port, EndpointSelection Destination, Protocol Protocol);

/// <summary>Some of a service's endpoints: those that have every one of the tags.</summary>
/// <param name="Service">The service.</param>
/// <param name="Tags">Further tags, without <c>kuma.io/service</c>; <c>*</c> for any value. Empty: all endpoints.</param>
public sealed record EndpointSelection(string Service, TagSet Tags)
{
    /// <summary>Names the selection, the same for the same selection: the service, then the further tags in braces where there are any.</summary>
    public string Name => Tags.Count == 0 ? Service : $"{Service}{{{string.Join(",", Tags.Select(t => $"{t.Key}={t.Value}"))}}}";
}
