using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Authorities;

/// <summary>What came of reading an authority's certificate and key.</summary>
/// <param name="CertificatesPem">The path, from the certificate that signs to the self-signed root; empty where there are problems.</param>
/// <param name="PrivateKey">PKCS #8, which the caller clears; empty where none was given or there are problems.</param>
/// <param name="Problems">Of the fields <c>cert</c> and <c>key</c>.</param>
public sealed record ProvidedAuthorityReading(string CertificatesPem, ReadOnlyMemory<byte> PrivateKey, ValueList<FieldProblem> Problems);

/// <summary>Checks that an operator's certificate and key make an authority by which proxies can prove what they are. Source: RFC 5280, sections 4.2.1 and 6.1.</summary>
public static class ProvidedAuthorityCheck
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string AnyUse = "2.5.29.37.0";
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const int LeastRsaBits = 2048;

    // P-256, P-384 and P-521. Envoy's BoringSSL verifies no signature by a key on another.
    private static readonly string[] NistCurves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    /// <param name="certificates">PEM: the certificate that signs, and those on its path, the root included, in any order after the first.</param>
    /// <param name="key">PEM; null: only the certificates are checked.</param>
    public static ProvidedAuthorityReading Read(string certificates, string? key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        var given = new X509Certificate2Collection();
        List<FieldProblem> problems = [];
        try
        {
            var pem = ReadPath(certificates, given, now, problems);
            var secret = key is null || given.Count == 0 ? [] : ReadKey(key, given[0], problems);
            if (problems.Count == 0)
                return new ProvidedAuthorityReading(pem, secret, []);
            CryptographicOperations.ZeroMemory(secret);
            return new ProvidedAuthorityReading("", default, problems.ToValueList());
        }
        finally
        {
            foreach (var certificate in given)
                certificate.Dispose();
        }
    }

    private static string ReadPath(string certificates, X509Certificate2Collection given, DateTimeOffset now, List<FieldProblem> problems)
    {
        if (certificates.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            // It would be stored as it is.
            problems.Add(Certificate("expected certificates alone: there is a private key among them"));
            return "";
        }

        try
        {
            given.ImportFromPem(certificates);
        }
        catch (CryptographicException)
        {
            given.Clear();
        }

        if (given.Count == 0)
        {
            problems.Add(Certificate("expected PEM certificates, found none that can be read"));
            return "";
        }

        var path = PathOf(given, problems);
        problems.AddRange(path.SelectMany((certificate, place) => ProblemsOf(certificate, place, now)).Select(Certificate));
        return ProvidedAuthority.PemOf(path);
    }

    /// <summary>From the certificate that signs to the root.</summary>
    private static List<X509Certificate2> PathOf(X509Certificate2Collection given, List<FieldProblem> problems)
    {
        List<X509Certificate2> path = [given[0]];
        while (!IsIssuedBy(path[^1], path[^1]))
        {
            if (given.FirstOrDefault(c => !path.Contains(c) && IsIssuedBy(path[^1], c)) is not { } issuer)
            {
                problems.Add(Certificate(
                    $"expected the whole path to a self-signed root: {Name(path[^1])} was issued by {Printable(path[^1].Issuer)}, whose certificate is not there"));
                break;
            }

            path.Add(issuer);
        }

        if (problems.Count == 0 && given.FirstOrDefault(c => !path.Contains(c)) is { } stranger)
            problems.Add(Certificate($"expected the certificates of one path, but {Name(stranger)} is not on that of {Name(path[0])}"));
        return path;
    }

    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        if (!certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData))
            return false;

        // Whether the signature is right, whatever else may be wrong with the two.
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                VerificationFlags = X509VerificationFlags.AllFlags,
                DisableCertificateDownloads = true,
            },
        };
        chain.ChainPolicy.CustomTrustStore.Add(issuer);
        chain.Build(certificate);
        var elements = chain.ChainElements;
        return (elements.Count > 1 || certificate.RawDataMemory.Span.SequenceEqual(issuer.RawDataMemory.Span))
            && elements[^1].Certificate.RawDataMemory.Span.SequenceEqual(issuer.RawDataMemory.Span)
            && !chain.ChainStatus.Any(s => s.Status.HasFlag(X509ChainStatusFlags.NotSignatureValid));
    }

    private static IEnumerable<string> ProblemsOf(X509Certificate2 certificate, int place, DateTimeOffset now)
    {
        var name = Name(certificate);
        var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        if (constraints is not { CertificateAuthority: true })
            yield return $"expected certificates of authorities: basic constraint 'CA' of {name} must be set to 'true'";
        else if (constraints.HasPathLengthConstraint && constraints.PathLengthConstraint < place)
            yield return $"the path is too long: {name} allows {constraints.PathLengthConstraint} authorities below it, and there are {place}";
        if (certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign) is not true)
            yield return $"key usage extension 'keyCertSign' of {name} must be set";
        if (certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is null)
            yield return $"expected {name} to have a subject key identifier";
        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } uses && !AllowsBothSides(uses))
            yield return $"the extended key usage of {name} does not allow what it signs to be used by servers and by clients";
        if (now < certificate.NotBefore.ToUniversalTime())
            yield return $"{name} is not valid before {certificate.NotBefore.ToUniversalTime():u}";
        if (now >= certificate.NotAfter.ToUniversalTime())
            yield return $"{name} expired at {certificate.NotAfter.ToUniversalTime():u}";
        if (ProblemOfKey(certificate) is { } problem)
            yield return $"{problem} for the key of {name}";
    }

    private static bool AllowsBothSides(X509EnhancedKeyUsageExtension uses)
    {
        var allowed = uses.EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value).ToHashSet();
        return allowed.Contains(AnyUse) || (allowed.Contains(ServerAuthentication) && allowed.Contains(ClientAuthentication));
    }

    private static string? ProblemOfKey(X509Certificate2 certificate)
    {
        switch (certificate.PublicKey.Oid.Value)
        {
            case Rsa:
                using (var rsa = certificate.GetRSAPublicKey())
                    return rsa?.KeySize >= LeastRsaBits ? null : $"expected at least {LeastRsaBits} bits";
            case EllipticCurve when IsOnNistCurve(certificate):
                return null;
            default:
                return "expected RSA, or one of the elliptic curves P-256, P-384 and P-521,";
        }
    }

    private static bool IsOnNistCurve(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPublicKey();
        return NistCurves.Contains(key?.ExportParameters(false).Curve.Oid.Value);
    }

    private static byte[] ReadKey(string text, X509Certificate2 certificate, List<FieldProblem> problems)
    {
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            problems.Add(Key("expected a private key without a passphrase"));
            return [];
        }

        using AsymmetricAlgorithm key = certificate.PublicKey.Oid.Value == Rsa ? RSA.Create() : ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            if (key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo()))
                return key.ExportPkcs8PrivateKey();
            problems.Add(Key($"is not the private key of {Name(certificate)}"));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            // The platform's own message is left out: it may quote what it could not read.
            problems.Add(Key($"expected a PEM private key of the kind of {Name(certificate)}"));
        }

        return [];
    }

    private static FieldProblem Certificate(string problem) => new("cert", problem);

    private static FieldProblem Key(string problem) => new("key", problem);

    private static string Name(X509Certificate2 certificate) => Printable(certificate.Subject);

    private static string Printable(string name) => $"'{(name.Length <= 200 ? name : name[..200])}'";
}
