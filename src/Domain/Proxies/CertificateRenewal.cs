using OrleansMesh.Domain.Views;

namespace OrleansMesh.Domain.Proxies;

/// <summary>When a workload certificate is replaced.</summary>
public static class CertificateRenewal
{
    /// <summary>Two thirds into its life: a third is left for an authority that cannot sign for a while.</summary>
    public static DateTimeOffset RenewAt(this CertificateRecord certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.NotAfter - ((certificate.NotAfter - certificate.NotBefore) / 3);
    }

    /// <summary>Whether the certificate says what the identity asks for, was signed by that authority, and need not be renewed yet.</summary>
    /// <param name="authorityId">The key that signs now; see <see cref="Authorities.AuthorityIdentity"/>.</param>
    public static bool IsStillGood(this CertificateRecord certificate, IdentityView identity, string authorityId, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(identity);
        return certificate.Backend == identity.Backend
            && certificate.AuthorityId == authorityId
            && certificate.Uris.Equals(identity.Uris)
            && now >= certificate.NotBefore
            && now < certificate.RenewAt();
    }
}
