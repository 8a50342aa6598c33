using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Secrets;

namespace OrleansMesh.Translation;

/// <summary>
/// Mutual TLS between sidecars. Both sides present the proxy's certificate and trust the mesh's authorities only, both by SDS: until
/// those have arrived, Envoy closes every connection.
/// </summary>
internal static class MutualTls
{
    private const string TlsTransportSocket = "envoy.transport_sockets.tls";

    /// <summary>The side that is called, in HTTP: any identity of the mesh passes the handshake, and each request is checked after it.</summary>
    public static TransportSocket HttpServer(string mesh)
        => Server(Context(SecretNames.TrustBundle, new StringMatcher { Prefix = SpiffeIds.Prefix(mesh) }, "h2", "http/1.1"));

    /// <summary>The side that is called, in TCP: whom the permission allows passes the handshake.</summary>
    public static TransportSocket TcpServer(InboundView inbound) => Server(Context(ResourceNames.Callers(inbound), peer: null));

    /// <summary>The side that calls: exactly the service that was meant.</summary>
    public static TransportSocket Client(string mesh, string service, params string[] alpn) => Socket(new UpstreamTlsContext
    {
        CommonTlsContext = Context(SecretNames.TrustBundle, new StringMatcher { Exact = SpiffeIds.Of(mesh, service) }, alpn),
        MaxSessionKeys = 0,
    });

    private static TransportSocket Server(CommonTlsContext context) => Socket(new DownstreamTlsContext
    {
        CommonTlsContext = context,
        RequireClientCertificate = true,
        // A resumed session is not verified again: it would outlive the certificate that it was begun with.
        DisableStatelessSessionResumption = true,
        DisableStatefulSessionResumption = true,
    });

    /// <param name="trust">The secret that says whose certificates count.</param>
    /// <param name="peer">The URI that one of those must have, where the secret does not say.</param>
    /// <param name="alpn">What is offered, best first.</param>
    private static CommonTlsContext Context(string trust, StringMatcher? peer, params string[] alpn) => new()
    {
        TlsParams = new TlsParameters
        {
            TlsMinimumProtocolVersion = TlsParameters.Types.TlsProtocol.Tlsv12,
            TlsMaximumProtocolVersion = TlsParameters.Types.TlsProtocol.Tlsv13,
        },
        AlpnProtocols = { alpn },
        TlsCertificateSdsSecretConfigs = { Sds(SecretNames.Identity) },
        CombinedValidationContext = new CommonTlsContext.Types.CombinedCertificateValidationContext
        {
            // Envoy takes matchers from here and from the secret, and is content when one of them fits.
            DefaultValidationContext = new CertificateValidationContext
            {
                MatchTypedSubjectAltNames = { peer is null ? [] : [SecretTranslation.Uri(peer)] },
            },
            ValidationContextSdsSecretConfig = Sds(trust),
        },
    };

    private static SdsSecretConfig Sds(string name) => new() { Name = name, SdsConfig = AdsSource.Create() };

    private static TransportSocket Socket(IMessage context) => new() { Name = TlsTransportSocket, TypedConfig = Any.Pack(context) };
}
