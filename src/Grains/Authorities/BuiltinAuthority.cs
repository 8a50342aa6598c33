using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Resources;
using X509Request = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace OrleansMesh.Grains.Authorities;

/// <summary>
/// An authority whose key the control plane holds: signs workload certificates. Source of their form: SPIFFE X.509-SVID, sections 4 and 5, and
/// RFC 5280.
/// </summary>
internal sealed class BuiltinAuthority : IDisposable
{
    private static readonly OidCollection ServerAndClient = [new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")];

    private readonly X509Certificate2 _certificate;
    private readonly AsymmetricAlgorithm _key;

    private BuiltinAuthority(X509Certificate2 certificate, AsymmetricAlgorithm key, DateTimeOffset notBefore, DateTimeOffset notAfter)
        => (_certificate, _key, NotBefore, NotAfter) = (certificate, key, notBefore, notAfter);

    public string CertificatePem => _certificate.ExportCertificatePem();

    public string Id => AuthorityIdentity.Of(_certificate);

    /// <summary>When the last certificate of its path begins to be valid.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>When the first certificate of its path ends.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Makes a key and a self-signed certificate.</summary>
    /// <param name="backend">Says how long it lives and which key it has: P-256, or RSA of so many bits.</param>
    public static BuiltinAuthority Create(string mesh, CertificateAuthorityBackend backend, DateTimeOffset now)
    {
        AsymmetricAlgorithm key = backend.Conf?.CaCert?.RsaBits is { } bits ? RSA.Create(bits) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            var name = new X500DistinguishedNameBuilder();
            name.AddCommonName(mesh);
            name.AddOrganizationalUnitName("Mesh");
            name.AddOrganizationName("OrleansMesh");
            var subject = name.Build();
            var request = key switch
            {
                RSA rsa => new X509Request(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                _ => new X509Request(subject, (ECDsa)key, HashAlgorithmName.SHA256),
            };
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
            request.CertificateExtensions.Add(
                new X509SubjectKeyIdentifierExtension(request.PublicKey, X509SubjectKeyIdentifierHashAlgorithm.ShortSha256, critical: false));
            request.CertificateExtensions.Add(UriAlternativeNames.Encode([$"spiffe://{mesh}"], critical: false));
            var (notBefore, notAfter) = CertificateTimes.From(now, backend.AuthorityLifetime);
            return new BuiltinAuthority(request.Create(subject, SignatureBy(key), notBefore, notAfter, SerialNumber.Next()), key, notBefore, notAfter);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <param name="authority">Its certificate, and from when to when its path is valid.</param>
    /// <param name="privateKey">PKCS #8.</param>
    /// <exception cref="CryptographicException">The key is none, or not the certificate's.</exception>
    public static BuiltinAuthority Load(AuthorityCreated authority, ReadOnlySpan<byte> privateKey)
    {
        var certificate = X509Certificate2.CreateFromPem(authority.CertificatePem);
        AsymmetricAlgorithm key = certificate.PublicKey.Oid.Value == "1.2.840.113549.1.1.1" ? RSA.Create() : ECDsa.Create();
        var loaded = new BuiltinAuthority(certificate, key, authority.NotBefore, authority.NotAfter);
        try
        {
            key.ImportPkcs8PrivateKey(privateKey, out _);
            return key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo())
                ? loaded
                : throw new CryptographicException("the private key is not the one of the authority's certificate");
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>PKCS #8. The caller clears it.</summary>
    public byte[] ExportPrivateKey() => _key.ExportPkcs8PrivateKey();

    /// <summary>Signs a workload certificate that is valid only while every certificate of the authority's path is.</summary>
    /// <param name="subjectPublicKeyInfo">The workload's public key, DER, of a kind that <see cref="WorkloadKey"/> allows.</param>
    /// <exception cref="InvalidOperationException">The authority has expired, or the key is of another kind.</exception>
    public X509Certificate2 Sign(ReadOnlySpan<byte> subjectPublicKeyInfo, IReadOnlyList<string> uris, TimeSpan lifetime, DateTimeOffset now)
    {
        if (now >= NotAfter)
            throw new InvalidOperationException($"the authority {Id} expired at {NotAfter:u}");
        var key = WorkloadKey.Read(subjectPublicKeyInfo);
        var request = new X509Request(new X500DistinguishedName(""), key.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(key.Usage, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(ServerAndClient, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));

        // Critical, since the subject is empty: RFC 5280, section 4.2.1.6.
        request.CertificateExtensions.Add(UriAlternativeNames.Encode(uris, critical: true));
        var left = NotAfter - now;
        var (notBefore, notAfter) = CertificateTimes.From(now, lifetime < left ? lifetime : left);
        return request.Create(
            _certificate.SubjectName, SignatureBy(_key), notBefore < NotBefore ? NotBefore : notBefore, notAfter, SerialNumber.Next());
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static X509SignatureGenerator SignatureBy(AsymmetricAlgorithm key) => key switch
    {
        RSA rsa => X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
        _ => X509SignatureGenerator.CreateForECDsa((ECDsa)key),
    };
}
