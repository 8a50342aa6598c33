using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class AuthorityRenewalTests
{
    private static readonly DateTimeOffset Made = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    // A fifth of its life is left, if the certificates of its last days can live as long as others, twice over.
    [InlineData(null, "1d", 8 * 365 * 86_400)]
    [InlineData("30d", "1d", 24 * 86_400)]
    [InlineData("10d", "2d", 6 * 86_400)]
    [InlineData("1m", "10s", 40)]
    [InlineData("40s", "10s", 20)]
    // No earlier than halfway, so that it is not renewed for ever.
    [InlineData("10d", "3d", 5 * 86_400)]
    [InlineData("1m", null, 30)]
    [InlineData("10s", "10s", 5)]
    public void A_builtin_authority_is_renewed_well_before_its_end_and_no_earlier_than_halfway(string? life, string? certificateLife, int seconds)
    {
        var backend = Backend(life, certificateLife);
        var authority = AuthorityOf(backend);

        Assert.Equal(Made.AddSeconds(seconds), authority.RenewAt(backend.CertificateLifetime));
        Assert.True(authority.IsWhat(backend, Made));
        Assert.True(authority.IsWhat(backend, Made.AddSeconds(seconds).AddTicks(-1)));
        Assert.False(authority.IsWhat(backend, Made.AddSeconds(seconds)));
    }

    [Fact]
    public void Other_settings_ask_for_another_authority()
    {
        var backend = Backend("30d", "1d");
        Assert.False(AuthorityOf(backend).IsWhat(Backend("31d", "1d"), Made));
        Assert.False(AuthorityOf(backend).IsWhat(backend with { Conf = new(new AuthorityCertificate(2048, backend.Conf!.CaCert!.Expiration)) }, Made));
        Assert.False((AuthorityOf(backend) with { Provided = true }).IsWhat(backend, Made));
        Assert.True(AuthorityOf(backend).IsWhat(Backend("30d", "2d"), Made));
    }

    private static CertificateAuthorityBackend Backend(string? life, string? certificateLife) => new(
        "ca-1",
        CertificateAuthorityBackend.Builtin,
        certificateLife is null ? null : new WorkloadCertificates(new CertificateRotation(Duration(certificateLife)), null),
        life is null ? null : new BuiltinAuthorityConf(new AuthorityCertificate(null, Duration(life))));

    // Valid from a minute before it was made.
    private static AuthorityCreated AuthorityOf(CertificateAuthorityBackend backend)
        => new("pem", "id", new SealedSecret("key", "", "", ""), Made.AddMinutes(-1), Made + backend.AuthorityLifetime, backend.Conf);

    private static MeshDuration Duration(string text) => MeshDurationText.TryParse(text, out var duration) ? duration : throw new ArgumentException(text, nameof(text));
}
