using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;

namespace OrleansMesh.Translation.Secrets;

/// <summary>Certificates, keys and trust as SDS resources.</summary>
public static class SecretTranslation
{
    /// <summary>A proxy's certificate and key. Its version is the serial, so that a proxy that reconnects can say which one it holds.</summary>
    /// <param name="certificateChain">PEM, the workload's certificate first.</param>
    /// <param name="privateKey">PEM. It is in the returned body, which must not be logged or stored.</param>
    /// <param name="serial">The certificate's serial number.</param>
    public static EncodedResource Identity(string certificateChain, string privateKey, string serial)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificateChain);
        ArgumentException.ThrowIfNullOrEmpty(privateKey);
        ArgumentException.ThrowIfNullOrEmpty(serial);
        return ResourceEncoding.Encode(SecretNames.Identity, serial, new Secret
        {
            Name = SecretNames.Identity,
            TlsCertificate = new TlsCertificate
            {
                CertificateChain = new DataSource { InlineString = certificateChain },
                PrivateKey = new DataSource { InlineString = privateKey },
            },
        });
    }

    /// <summary>Whom a proxy trusts.</summary>
    /// <param name="certificates">PEM certificates of authorities; at least one, since without any Envoy would verify nobody.</param>
    public static EncodedResource TrustBundle(string certificates)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(certificates);
        return ResourceEncoding.Encode(SecretNames.TrustBundle, new Secret
        {
            Name = SecretNames.TrustBundle,
            ValidationContext = new CertificateValidationContext { TrustedCa = new DataSource { InlineString = certificates } },
        });
    }

    /// <summary>Asks for a URI among a certificate's subject alternative names.</summary>
    internal static SubjectAltNameMatcher Uri(StringMatcher uri) => new() { SanType = SubjectAltNameMatcher.Types.SanType.Uri, Matcher = uri };
}
