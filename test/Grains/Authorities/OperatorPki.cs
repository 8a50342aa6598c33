using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Resources;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.Grains.Authorities;
using OrleansMesh.Grains.EventSourcing;
using CertificateRequest = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace OrleansMesh.Grains.Tests.Authorities;

/// <summary>Authorities such as operators have, one above the other, of random kinds of keys and random times.</summary>
internal sealed class OperatorPki(Random random, DateTimeOffset now)
{
    private static readonly ECCurve[] Curves = [ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521];

    /// <summary>A backend that was given the lowest of so many authorities, with its path in random order, as the control plane takes it in.</summary>
    /// <param name="rsa">Whether the one that signs for workloads has an RSA key.</param>
    /// <param name="life">How long the path is good.</param>
    public async Task<CertificateAuthorityBackend> ProvideAsync(string mesh, bool rsa, int authorities, TimeSpan life, ISecretVault vault)
    {
        // Any of them may be the one that ends first, and any the one that begins last.
        var endsFirst = random.Next(authorities);
        List<X509Certificate2> path = [];
        AsymmetricAlgorithm? key = null;
        for (var place = authorities - 1; place >= 0; place--)
        {
            var above = (Certificate: path.FirstOrDefault(), Key: key);
            key = place == 0 ? Key(rsa) : Key(random.Next(2) == 0);
            var until = now + (place == endsFirst ? life : life * (1 + random.NextDouble()));
            path.Insert(0, Certify(key, place, above.Certificate, above.Key, now.AddSeconds(-random.Next(100)), until));
            above.Key?.Dispose();
        }

        var given = path.Take(1).Concat(path.Skip(1).OrderBy(_ => random.Next())).Select(c => c.ExportCertificatePem() + "\n");
        var reading = ProvidedAuthorityCheck.Read(string.Concat(given), key!.ExportPkcs8PrivateKeyPem(), now);
        Assert.Empty(reading.Problems);
        var sealedKey = await vault.SealForEventAsync(reading.PrivateKey.ToArray(), AuthorityKeyPurpose.Of($"{mesh}/ca-1"));
        key.Dispose();
        path.ForEach(c => c.Dispose());
        var inline = new ValueSource(InlineString: ValueSource.Redacted);
        return new("ca-1", CertificateAuthorityBackend.Provided, ProvidedConf: new(inline, inline, reading.CertificatesPem, sealedKey));
    }

    private AsymmetricAlgorithm Key(bool rsa) => rsa ? RSA.Create(2048) : ECDsa.Create(Curves[random.Next(Curves.Length)]);

    private X509Certificate2 Certify(
        AsymmetricAlgorithm key, int place, X509Certificate2? issuer, AsymmetricAlgorithm? issuerKey, DateTimeOffset from, DateTimeOffset until)
    {
        var subject = new X500DistinguishedName($"CN=authority {place}, O=Operator");
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA384);
        var limited = random.Next(2) == 0;
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, limited, limited ? place : 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (issuer is null)
            return request.CreateSelfSigned(from, until);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        var signer = issuerKey is RSA above
            ? X509SignatureGenerator.CreateForRSA(above, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)issuerKey!);
        return request.Create(issuer.SubjectName, signer, from, until, RandomNumberGenerator.GetBytes(12));
    }
}
