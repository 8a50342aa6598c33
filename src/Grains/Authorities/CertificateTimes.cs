namespace OrleansMesh.Grains.Authorities;

/// <summary>From when to when a certificate is valid.</summary>
internal static class CertificateTimes
{
    /// <summary>Certificates are valid from a little before they were made, for clocks that are a little behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>From a minute back, however short the lifetime, until it has passed; in whole seconds, as X.509 has them.</summary>
    public static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) From(DateTimeOffset now, TimeSpan lifetime)
        => (WholeSeconds(now - ClockSkew), WholeSeconds(now + lifetime));

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
