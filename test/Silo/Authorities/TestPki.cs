using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Silo.Tests.Authorities;

/// <summary>An authority as an operator may have one.</summary>
internal sealed class TestPki : IDisposable
{
    private readonly TestPki? _issuer;
    private readonly X509Certificate2 _certificate;

    private TestPki(TestPki? issuer, AsymmetricAlgorithm key, X509Certificate2 certificate) => (_issuer, Key, _certificate) = (issuer, key, certificate);

    public AsymmetricAlgorithm Key { get; }

    /// <summary>From this authority to its root, PEM.</summary>
    public string Path => Pem + _issuer?.Path;

    public string Pem => _certificate.ExportCertificatePem() + "\n";

    public string KeyPem => Key.ExportPkcs8PrivateKeyPem();

    public static TestPki Root(
        string name,
        bool rsa = false,
        bool isAuthority = true,
        X509KeyUsageFlags usage = X509KeyUsageFlags.KeyCertSign,
        int? pathLength = null,
        double fromDays = -1,
        double toDays = 365,
        ECCurve? curve = null,
        int bits = 2048,
        bool keyIdentifier = true,
        string? use = null)
        => Make(null, name, rsa ? RSA.Create(bits) : EllipticKey(curve), isAuthority, usage, pathLength, fromDays, toDays, keyIdentifier, use);

    public TestPki Intermediate(string name, int? pathLength = null) => Make(this, name, EllipticKey(), true, X509KeyUsageFlags.KeyCertSign, pathLength, -1, 30);

    public void Dispose()
    {
        Key.Dispose();
        _certificate.Dispose();
    }

    private static ECDsa EllipticKey(ECCurve? curve = null) => ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP384);

    private static TestPki Make(
        TestPki? issuer, string name, AsymmetricAlgorithm key, bool isAuthority, X509KeyUsageFlags usage, int? pathLength, double fromDays, double toDays,
        bool keyIdentifier = true, string? use = null)
    {
        var request = key is RSA r
            ? new CertificateRequest($"CN={name}", r, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={name}", (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, pathLength is not null, pathLength ?? 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        if (keyIdentifier)
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (use is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(toDays));
        if (issuer is null)
            return new TestPki(null, key, request.CreateSelfSigned(from, to));
        var signer = issuer.Key is RSA rsaKey
            ? X509SignatureGenerator.CreateForRSA(rsaKey, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)issuer.Key);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer._certificate, true, false));
        return new TestPki(issuer, key, request.Create(issuer._certificate.SubjectName, signer, from, to, RandomNumberGenerator.GetBytes(8)));
    }
}
