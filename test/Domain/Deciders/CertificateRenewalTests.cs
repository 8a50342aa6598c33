using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class CertificateRenewalTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertificateRecord Certificate = new("01", "ca-1", "aa", ["spiffe://default/web"], Start.AddMinutes(-1), Start.AddHours(24), Start);
    private static readonly IdentityView Identity = new("ca-1", ["spiffe://default/web"], "", TimeSpan.FromDays(1), "aa");

    [Fact]
    public void A_certificate_is_good_from_its_beginning_until_its_renewal()
    {
        var renewal = Certificate.RenewAt();

        Assert.True(Certificate.IsStillGood(Identity, Start.AddMinutes(-1)));
        Assert.False(Certificate.IsStillGood(Identity, Start.AddMinutes(-1).AddTicks(-1)));
        Assert.True(Certificate.IsStillGood(Identity, renewal.AddTicks(-1)));
        Assert.False(Certificate.IsStillGood(Identity, renewal));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(86_400)]
    [InlineData(3 * 365 * 86_400)]
    public void Renewals_are_spread_evenly_from_60_to_80_percent_of_a_life_and_the_same_whoever_asks(int seconds)
    {
        var random = new Random(1);
        var moments = Enumerable.Range(0, 2000).Select(_ =>
        {
            var certificate = Certificate with { Serial = $"{random.NextInt64():x16}", NotAfter = Start.AddSeconds(seconds) };
            Assert.Equal(certificate.RenewAt(), (certificate with { }).RenewAt());
            return (certificate.RenewAt() - Start) / TimeSpan.FromSeconds(seconds);
        }).ToArray();

        Assert.All(moments, share => Assert.InRange(share, 0.6, 0.8));
        for (var part = 0; part < 10; part++)
            Assert.InRange(moments.Count(share => (int)((share - 0.6) / 0.02) == part), 120, 280);
    }

    [Fact]
    public void A_record_of_before_the_moment_of_issue_was_kept_is_renewed_in_the_same_part_of_its_life()
        => Assert.InRange((Certificate with { IssuedAt = null }).RenewAt(), Start.AddHours(14), Start.AddHours(20));

    [Fact]
    public void A_certificate_that_is_not_what_is_asked_for_is_not_good()
    {
        Assert.True(Certificate.IsStillGood(Identity, Start));
        Assert.True(Certificate.IsStillGood(Identity with { Authority = "" }, Start));
        Assert.False(Certificate.IsStillGood(Identity with { Authority = "bb" }, Start));
        Assert.False(Certificate.IsStillGood(Identity with { Backend = "ca-2" }, Start));
        Assert.False(Certificate.IsStillGood(Identity with { Uris = ["spiffe://default/api"] }, Start));
        Assert.False(Certificate.IsStillGood(Identity with { RsaBits = 2048 }, Start));
        Assert.True((Certificate with { RsaBits = 2048 }).IsStillGood(Identity with { RsaBits = 2048 }, Start));
    }

    [Fact]
    public void A_lifetime_that_was_shortened_holds_at_once_and_one_that_was_lengthened_from_the_next_renewal_on()
    {
        Assert.False(Certificate.IsStillGood(Identity with { CertificateLifetime = TimeSpan.FromHours(1) }, Start));
        Assert.True(Certificate.IsStillGood(Identity with { CertificateLifetime = TimeSpan.FromDays(30) }, Start));
    }
}
