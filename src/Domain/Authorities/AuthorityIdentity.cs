using System.Security.Cryptography.X509Certificates;

namespace OrleansMesh.Domain.Authorities;

/// <summary>Names the key of an authority: the hexadecimal subject key identifier of its certificate, in lower case.</summary>
public static class AuthorityIdentity
{
    /// <exception cref="ArgumentException">The certificate has no subject key identifier.</exception>
    public static string Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault()?.SubjectKeyIdentifier?.ToLowerInvariant()
            ?? throw new ArgumentException("the certificate has no subject key identifier", nameof(certificate));
    }

    /// <summary>The authority that signs now, in a trust bundle of PEM certificates: the first one. Null for an empty bundle.</summary>
    public static string? OfTrustBundle(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        try
        {
            return certificates.Count == 0 ? null : Of(certificates[0]);
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }
}
