using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class CertificateRenewalTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertificateRecord Certificate = new("01", "ca-1", "aa", ["spiffe://default/web"], Start, Start.AddHours(24));
    private static readonly IdentityView Identity = new("ca-1", ["spiffe://default/web"], "", TimeSpan.FromDays(1), "aa");

    [Fact]
    public void A_certificate_is_renewed_when_a_third_of_its_life_is_left()
    {
        Assert.Equal(Start.AddHours(16), Certificate.RenewAt());
        Assert.True(Certificate.IsStillGood(Identity, Start.AddHours(16).AddTicks(-1)));
        Assert.False(Certificate.IsStillGood(Identity, Start.AddHours(16)));
        Assert.False(Certificate.IsStillGood(Identity, Start.AddTicks(-1)));
    }

    [Fact]
    public void A_certificate_of_another_identity_or_authority_is_not_good()
    {
        Assert.True(Certificate.IsStillGood(Identity, Start));
        Assert.True(Certificate.IsStillGood(Identity with { Authority = "" }, Start));
        Assert.False(Certificate.IsStillGood(Identity with { Authority = "bb" }, Start));
        Assert.False(Certificate.IsStillGood(Identity with { Backend = "ca-2" }, Start));
        Assert.False(Certificate.IsStillGood(Identity with { Uris = ["spiffe://default/api"] }, Start));
    }
}
