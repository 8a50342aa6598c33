using Envoy.Extensions.TransportSockets.Tls.V3;
using OrleansMesh.Translation.Secrets;

namespace OrleansMesh.Translation.Tests;

public class SecretTests
{
    [Fact]
    public void The_version_of_a_certificate_is_its_serial()
    {
        var resource = SecretTranslation.Identity("chain", "key", "4F2A");
        Assert.Equal(("identity_cert", "4F2A"), (resource.Name, resource.Version));
        var certificate = EnvoyMessages.Open<Secret>(resource).TlsCertificate;
        Assert.Equal(("chain", "key"), (certificate.CertificateChain.InlineString, certificate.PrivateKey.InlineString));
    }

    [Fact]
    public void A_trust_bundle_is_known_by_its_content()
    {
        var (one, same, other) = (SecretTranslation.TrustBundle("a"), SecretTranslation.TrustBundle("a"), SecretTranslation.TrustBundle("b"));
        Assert.Equal("mesh_ca", one.Name);
        Assert.Equal(one.Version, same.Version);
        Assert.NotEqual(one.Version, other.Version);
        Assert.Equal("a", EnvoyMessages.Open<Secret>(one).ValidationContext.TrustedCa.InlineString);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public void A_trust_bundle_without_an_authority_is_refused(string bundle)
        => Assert.Throws<ArgumentException>(() => SecretTranslation.TrustBundle(bundle));
}
