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

    /// <summary>Whether the certificate says what the identity asks for, was signed by the authority that signs now, and need not be renewed yet. Where no
    /// authority could be had, the one that signed counts as the present one.</summary>
    public static bool IsStillGood(this CertificateRecord certificate, IdentityView identity, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(identity);
        return certificate.Backend == identity.Backend
            && (identity.Authority.Length == 0 || certificate.AuthorityId == identity.Authority)
            && certificate.Uris.Equals(identity.Uris)
            && now >= certificate.NotBefore
            && now < certificate.RenewAt();
    }
}
