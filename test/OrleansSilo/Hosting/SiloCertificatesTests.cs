using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;
using OrleansMesh.OrleansSilo.Hosting;

namespace OrleansMesh.OrleansSilo.Tests.Hosting;

/// <summary>Whoever is no silo cannot command grains.</summary>
public sealed class SiloCertificatesTests
{
    [Fact]
    public void Only_what_the_silos_authority_signed_is_a_silo()
    {
        using var authority = Make("silos", null);
        using var other = Make("silos", null);
        using var silo = Make("silo-1", authority);
        using var stranger = Make("silo-1", other);
        Assert.True(SiloCertificates.IsOfSilo(silo, authority));
        Assert.False(SiloCertificates.IsOfSilo(stranger, authority));
        Assert.False(SiloCertificates.IsOfSilo(other, authority));
    }

    [Fact]
    public void A_silo_that_others_could_reach_needs_a_certificate()
    {
        var options = new OrleansSiloOptions { Address = IPAddress.Parse("192.0.2.1") };
        var refused = Assert.Throws<ArgumentException>(() => Host.CreateEmptyApplicationBuilder(null).AddOrleansSilo(options));
        Assert.Contains("cluster.tlsCertFile", refused.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Make(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        var (from, until) = (DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        return issuer is null
            ? request.CreateSelfSigned(from, until)
            : request.Create(issuer, from, issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
    }
}
