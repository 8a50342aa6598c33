using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Authorities;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>An authority that proxies trust.</summary>
internal static class TestAuthority
{
    public static string Pem { get; }

    public static string Id { get; }

    static TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        (Pem, Id) = (certificate.ExportCertificatePem(), AuthorityIdentity.Of(certificate));
    }
}
