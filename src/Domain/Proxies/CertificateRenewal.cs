using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Domain.Proxies;

/// <summary>When a workload certificate is replaced.</summary>
public static class CertificateRenewal
{
    private const double Earliest = 0.6;
    private const double Latest = 0.8;

    /// <summary>The one who signs may have another clock than the one who records.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromSeconds(5);

    /// <summary>
    /// At a random moment from 60 % to 80 % of its life, so that certificates that were issued together, as after an outage, are not renewed
    /// together. At least a fifth of the life is left for an authority that cannot sign for a while. The chance is the serial number's, which is random:
    /// whoever asks, in whatever run of the server, is told the same moment.
    /// </summary>
    public static DateTimeOffset RenewAt(this CertificateRecord certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var chance = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(certificate.Serial))) / (double)uint.MaxValue;
        return certificate.Start() + (certificate.Life() * (Earliest + ((Latest - Earliest) * chance)));
    }

    /// <summary>Whether the certificate says what the identity asks for, lives no longer, was signed by the authority that signs now, and need not be renewed yet. Where no
    /// authority could be had, the one that signed counts as the present one.</summary>
    public static bool IsStillGood(this CertificateRecord certificate, IdentityView identity, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(identity);
        return certificate.Backend == identity.Backend
            && (identity.Authority.Length == 0 || certificate.AuthorityId == identity.Authority)
            && certificate.Uris.Equals(identity.Uris)
            && certificate.RsaBits == identity.RsaBits
            && certificate.Life() <= identity.CertificateLifetime + ClockDifference
            && now >= certificate.NotBefore
            && now < certificate.RenewAt();
    }

    private static DateTimeOffset Start(this CertificateRecord certificate) => certificate.IssuedAt ?? certificate.NotBefore;

    private static TimeSpan Life(this CertificateRecord certificate) => certificate.NotAfter - certificate.Start();
}
