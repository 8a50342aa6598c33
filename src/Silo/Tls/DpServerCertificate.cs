using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Silo.Tls;

/// <summary>Makes the certificates of the dp-server port where the operator supplies none. All keys are P-256.</summary>
internal static class DpServerCertificate
{
    /// <summary>How long the authority that clients are told to trust lives.</summary>
    public static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);

    /// <summary>How long a server certificate lives.</summary>
    public static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(90);

    // Clocks of clients may be behind.
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(10);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>A new authority, with its private key.</summary>
    public static X509Certificate2 MakeAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=OrleansMesh dp-server authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - Backdating, now + AuthorityLifetime);
    }

    /// <summary>A new server certificate with its private key, signed by <paramref name="authority"/>, which it does not outlive.</summary>
    /// <param name="names">DNS names and IP addresses.</param>
    public static X509Certificate2 MakeServer(X509Certificate2 authority, ValueList<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=OrleansMesh dp-server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, false));
        request.CertificateExtensions.Add(AlternativeNames(names));
        var end = now + ServerLifetime;
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var certificate = request.Create(
            authority, now - Backdating, end < authority.NotAfter ? end : authority.NotAfter, serial);
        return certificate.CopyWithPrivateKey(key);
    }

    private static X509Extension AlternativeNames(ValueList<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                builder.AddIpAddress(address);
            else
                builder.AddDnsName(name);
        }

        return builder.Build();
    }
}
