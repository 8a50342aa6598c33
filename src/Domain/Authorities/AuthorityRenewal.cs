using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Authorities;

/// <summary>When a backend's authority makes place for another one.</summary>
public static class AuthorityRenewal
{
    /// <summary>Whether the backend's newest authority is the one that its settings ask for, and need not be renewed yet.</summary>
    public static bool IsWhat(this AuthorityCreated authority, CertificateAuthorityBackend backend, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(authority);
        ArgumentNullException.ThrowIfNull(backend);
        if (backend.ProvidedConf is { } provided)
            return authority.Provided && authority.PrivateKey.KeyId == provided.SealedKey?.KeyId;
        return !authority.Provided
            && authority.Conf?.CaCert?.RsaBits == backend.Conf?.CaCert?.RsaBits
            && authority.Lifetime() == backend.AuthorityLifetime
            && now < authority.RenewAt(backend.CertificateLifetime);
    }

    /// <summary>
    /// When a builtin authority is renewed: a fifth of its life before its end, but so early that the certificates of its last days live as long as
    /// others, twice over, and no earlier than halfway.
    /// </summary>
    /// <param name="certificateLifetime">How long the certificates live that it signs.</param>
    public static DateTimeOffset RenewAt(this AuthorityCreated authority, TimeSpan certificateLifetime)
    {
        ArgumentNullException.ThrowIfNull(authority);

        // Not from its beginning, which is before it was made, for clocks that are behind: for a short life that would be most of it.
        var life = authority.Lifetime();
        var before = certificateLifetime * 2 > life / 5 ? certificateLifetime * 2 : life / 5;
        return authority.NotAfter - (before < life / 2 ? before : life / 2);
    }

    /// <summary>How long a builtin authority was to live when it was made.</summary>
    private static TimeSpan Lifetime(this AuthorityCreated authority)
        => authority.Conf?.CaCert?.Expiration?.Value ?? CertificateAuthorityBackend.DefaultAuthorityLifetime;
}
