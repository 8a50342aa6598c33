using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Translation.Secrets;

namespace OrleansMesh.Translation;

/// <summary>
/// Mutual TLS between sidecars. Both sides present the proxy's certificate and trust the mesh's authorities only, both by SDS: until
/// those have arrived, Envoy closes every connection.
/// </summary>
internal static class MutualTls
{
    private const string TlsTransportSocket = "envoy.transport_sockets.tls";

    /// <summary>The side that is called: any identity of the mesh passes the handshake, permissions decide after it.</summary>
    public static TransportSocket Server(string mesh, params IEnumerable<string> alpn) => Socket(new DownstreamTlsContext
    {
        CommonTlsContext = Context(new StringMatcher { Prefix = SpiffeIds.Prefix(mesh) }, alpn),
        RequireClientCertificate = true,
        // A resumed session is not verified again: it would outlive the certificate that it was begun with.
        DisableStatelessSessionResumption = true,
        DisableStatefulSessionResumption = true,
    });

    /// <summary>The side that calls: exactly the service that was meant.</summary>
    public static TransportSocket Client(string mesh, string service, params IEnumerable<string> alpn) => Socket(new UpstreamTlsContext
    {
        CommonTlsContext = Context(new StringMatcher { Exact = SpiffeIds.Of(mesh, service) }, alpn),
        MaxSessionKeys = 0,
    });

    private static CommonTlsContext Context(StringMatcher peer, IEnumerable<string> alpn) => new()
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
            DefaultValidationContext = new CertificateValidationContext
            {
                MatchTypedSubjectAltNames =
                {
                    new SubjectAltNameMatcher { SanType = SubjectAltNameMatcher.Types.SanType.Uri, Matcher = peer },
                },
            },
            ValidationContextSdsSecretConfig = Sds(SecretNames.TrustBundle),
        },
    };

    private static SdsSecretConfig Sds(string name) => new() { Name = name, SdsConfig = AdsSource.Create() };

    private static TransportSocket Socket(IMessage context) => new() { Name = TlsTransportSocket, TypedConfig = Any.Pack(context) };
}
