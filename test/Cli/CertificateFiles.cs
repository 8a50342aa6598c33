using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Cli.Tests;

/// <summary>An authority and a server certificate that it signed, for as long as a test.</summary>
internal sealed record CertificateFiles(X509Certificate2 Server, string AuthorityPem)
{
    /// <param name="address">The IP address that the certificate is for.</param>
    public static CertificateFiles Make(string address = "127.0.0.1")
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
        using var authorityCertificate = authority.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=control plane", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authorityCertificate, from, to, RandomNumberGenerator.GetBytes(8));
        return new(signed.CopyWithPrivateKey(key), authorityCertificate.ExportCertificatePem());
    }
}
