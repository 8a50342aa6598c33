using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Grains.Tests.Authorities;

/// <summary>What a linter of workload certificates would say. Sources: SPIFFE X.509-SVID 1.0, sections 2 to 5; RFC 5280, section 4; CA/Browser Forum's
/// baseline requirements, section 7.1, for serial numbers.</summary>
internal static class CertificateLint
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>Everything that is wrong; empty where nothing is.</summary>
    /// <param name="issuers">From the one that signed to the one that is trusted.</param>
    /// <param name="rsaBits">Bits of the RSA key that was asked for; null: a P-256 key was.</param>
    /// <param name="lifetime">The longest that was asked for.</param>
    public static List<string> Complaints(
        X509Certificate2 certificate, IReadOnlyList<X509Certificate2> issuers, IReadOnlyList<string> uris, int? rsaBits, TimeSpan lifetime, DateTimeOffset issuedAt)
    {
        List<string> complaints = [];
        Check(certificate.Version == 3, $"version {certificate.Version}");
        var serial = certificate.SerialNumberBytes.Span;
        Check(serial.Length == 16 && (serial[0] & 0x80) == 0 && serial[0] != 0, $"serial {certificate.SerialNumber}");
        Check(certificate.Subject.Length == 0, $"subject {certificate.Subject}");
        Check(certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuers[0].SubjectName.RawData), $"issuer {certificate.Issuer}");
        Check(certificate.SignatureAlgorithm.Value is "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" or "1.2.840.10045.4.3.3", $"signature {certificate.SignatureAlgorithm.Value}");
        Check(KeyIs(certificate, rsaBits), "public key of another kind");
        Check(certificate.Extensions.Count == 5, $"{certificate.Extensions.Count} extensions");
        Check(One<X509BasicConstraintsExtension>() is { Critical: true, CertificateAuthority: false }, "basic constraints");
        var usage = One<X509KeyUsageExtension>();
        Check(
            usage is { Critical: true } && usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature)
                && (usage.KeyUsages & (X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign)) == 0,
            $"key usage {usage?.KeyUsages}");
        Check(
            One<X509EnhancedKeyUsageExtension>()?.EnhancedKeyUsages.Cast<Oid>().Select(use => use.Value).ToHashSet()
                .SetEquals(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]) is true,
            "extended key usage");
        var signer = issuers[0].Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes;
        Check(One<X509AuthorityKeyIdentifierExtension>()?.KeyIdentifier is { } key && key.Span.SequenceEqual(signer.Span), "authority key identifier");
        var names = certificate.Extensions.SingleOrDefault(e => e.Oid!.Value == SubjectAlternativeName);
        Check(names is { Critical: true }, "subject alternative name not critical although the subject is empty");
        Check(names is not null && UrisOf(names) is { } found && found.SequenceEqual(uris), "names other than the URIs that were asked for");
        Check(certificate.NotAfter.ToUniversalTime() <= issuedAt + lifetime, "lives longer than was asked for");
        Check(certificate.NotBefore.ToUniversalTime() >= issuedAt.AddMinutes(-1).AddSeconds(-1), "begins more than a minute before it was issued");
        Check(certificate.NotBefore.ToUniversalTime() <= issuedAt, "begins after it was issued");
        foreach (var (lower, upper) in issuers.Zip(issuers.Skip(1)))
            Check(lower.IssuerName.RawData.AsSpan().SequenceEqual(upper.SubjectName.RawData), $"{upper.Subject} follows {lower.Subject}, which it did not issue");
        Check(issuers[^1].IssuerName.RawData.AsSpan().SequenceEqual(issuers[^1].SubjectName.RawData), $"the path ends at {issuers[^1].Subject}, which is no root");
        foreach (var issuer in issuers)
        {
            Check(certificate.NotAfter <= issuer.NotAfter, $"outlives {issuer.Subject}");
            Check(certificate.NotBefore >= issuer.NotBefore, $"begins before {issuer.Subject}");
        }

        return complaints;

        void Check(bool good, string otherwise)
        {
            if (!good)
                complaints.Add(otherwise);
        }

        T? One<T>()
            where T : X509Extension
            => certificate.Extensions.OfType<T>().SingleOrDefault();
    }

    private static bool KeyIs(X509Certificate2 certificate, int? rsaBits)
    {
        using var rsa = certificate.GetRSAPublicKey();
        using var ecdsa = certificate.GetECDsaPublicKey();
        return rsaBits is { } bits ? rsa?.KeySize == bits : ecdsa?.ExportParameters(false).Curve.Oid.Value == P256;
    }

    /// <summary>Null where one of the names is no URI.</summary>
    private static List<string>? UrisOf(X509Extension names)
    {
        List<string> uris = [];
        var uri = new Asn1Tag(TagClass.ContextSpecific, 6);
        var reader = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            if (!reader.PeekTag().HasSameClassAndValue(uri))
                return null;
            uris.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, uri));
        }

        return uris;
    }
}
