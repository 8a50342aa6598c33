using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Load.Transport;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Sidecars;

/// <summary>The certificate that a sidecar was given: a server that issued none, or somebody else's, would look fast.</summary>
internal static class HeldIdentity
{
    private const string AlternativeNames = "2.5.29.17";

    /// <returns>What is wrong with it; null when it is the proxy's own, with its key, from an authority that the sidecar was told to trust.</returns>
    public static string? ProblemOf(Sidecar sidecar)
    {
        var secrets = sidecar.Contents().Where(h => h.Key.Type == ResourceType.Secret).Select(h => SecretIn(h.Value)).ToArray();
        if (secrets.FirstOrDefault(s => s.TlsCertificate is not null)?.TlsCertificate is not { } identity)
            return $"{sidecar} holds no certificate";
        var authorities = string.Join('\n', secrets.Select(AuthorityIn).OfType<string>());
        try
        {
            // Throws where the key is another's.
            using var certificate = X509Certificate2.CreateFromPem(Text(identity.CertificateChain), Text(identity.PrivateKey));
            using var chain = new X509Chain { ChainPolicy = ServerAddress.TrustIn(authorities) };
            chain.ChainPolicy.ExtraStore.ImportFromPem(Text(identity.CertificateChain));
            if (!chain.Build(certificate))
                return $"{sidecar} holds a certificate that it cannot trust: {string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation))}";
            var expected = System.Text.Encoding.ASCII.GetBytes($"spiffe://{sidecar.Proxy.Mesh}/{sidecar.Proxy.Service}");
            return certificate.Extensions[AlternativeNames]?.RawData.AsSpan().IndexOf(expected) >= 0 ? null : $"{sidecar} holds a certificate that is not for {sidecar.Proxy.Service}";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return $"{sidecar} holds a certificate of no use: {e.Message}";
        }
    }

    /// <summary>A certificate with its key, which differs each time that it is issued; other secrets do not.</summary>
    public static bool IsCertificate(Body secret) => SecretIn(secret).TlsCertificate is not null;

    private static Secret SecretIn(Body body) => Secret.Parser.ParseFrom(Any.Parser.ParseFrom(body.Bytes.Span).Value);

    private static string? AuthorityIn(Secret secret) => secret.ValidationContext?.TrustedCa is { } authority ? Text(authority) : null;

    private static string Text(Envoy.Config.Core.V3.DataSource source) => source.InlineString.Length > 0 ? source.InlineString : source.InlineBytes.ToStringUtf8();
}
