namespace OrleansMesh.Grains.Authorities;

/// <summary>From when to when a certificate is valid.</summary>
internal static class CertificateTimes
{
    /// <summary>Certificates are valid from a little before they were made, for clocks that are a little behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>From a minute back until the lifetime has passed, in whole seconds, as X.509 has them. From less far back where the lifetime is
    /// short, since a certificate whose validity is mostly behind it would be due for renewal as soon as it is made, again and again.</summary>
    public static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) From(DateTimeOffset now, TimeSpan lifetime)
        => (WholeSeconds(now - (lifetime / 6 < ClockSkew ? lifetime / 6 : ClockSkew)), WholeSeconds(now + lifetime));

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
