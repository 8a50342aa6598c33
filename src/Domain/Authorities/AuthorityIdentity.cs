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
}
