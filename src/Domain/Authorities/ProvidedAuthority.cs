using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Authorities;

/// <summary>An authority that an operator supplies.</summary>
public static class ProvidedAuthority
{
    /// <summary>The authority that a mesh was given; null before its certificate and key were read.</summary>
    public static AuthorityCreated? Of(ProvidedAuthorityConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        if (conf is not { CertificatesPem: { } pem, SealedKey: { } key })
            return null;
        var path = new X509Certificate2Collection();
        path.ImportFromPem(pem);
        try
        {
            return new AuthorityCreated(
                path[0].ExportCertificatePem(),
                IdOf(path[0]),
                key,
                path.Max(c => c.NotBefore.ToUniversalTime()),
                path.Min(c => c.NotAfter.ToUniversalTime()),
                IntermediatesPem: path.Count > 2 ? PemOf(path.Skip(1).SkipLast(1)) : null,
                RootPem: path.Count > 1 ? path[^1].ExportCertificatePem() : null,
                Provided: true);
        }
        finally
        {
            foreach (var certificate in path)
                certificate.Dispose();
        }
    }

    /// <summary>Certificates one after the other, PEM.</summary>
    internal static string PemOf(IEnumerable<X509Certificate2> certificates) => string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n"));

    // With a part of the certificate's own hash, since a key may get another certificate.
    private static string IdOf(X509Certificate2 certificate)
        => $"{AuthorityIdentity.Of(certificate)}.{Convert.ToHexStringLower(SHA256.HashData(certificate.RawData).AsSpan(0, 4))}";
}
