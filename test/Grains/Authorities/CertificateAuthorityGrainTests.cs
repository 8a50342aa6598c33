using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;
using CertificateRequest = OrleansMesh.GrainInterfaces.CertificateRequest;
using SealedSecret = OrleansMesh.EventStore.Secrets.SealedSecret;

namespace OrleansMesh.Grains.Tests.Authorities;

public sealed class CertificateAuthorityGrainTests : IAsyncLifetime
{
    private static readonly ValueList<string> Uris = ["spiffe://default/Web", "kuma://kuma.io/service/Web", "kuma://Version/v1"];
    private TestServer _server = null!;
    private string _signer = "none";

    private ICertificateAuthorityGrain Authority => _server.Grains.GetGrain<ICertificateAuthorityGrain>("default/ca-1");

    private DateTimeOffset Now => _server.Time.GetUtcNow();

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [SkippableTheory]
    [InlineData(null)]
    [InlineData(2048)]
    public async Task OpenSsl_accepts_what_it_signs(int? rsaBits)
    {
        Skip.If(!OpenSsl.IsInstalled && Environment.GetEnvironmentVariable("CI") != "true", "openssl is not installed");
        var bundle = await Authority.GetAuthority(Backend("ca-1", rsaBits), Operator);
        _signer = bundle.Id;
        var issued = await IssueAsync(TimeSpan.FromDays(1));
        Assert.EndsWith("OK", await OpenSsl.VerifyAsync("sslserver", Now, bundle.RootPem, issued.ChainPem), StringComparison.Ordinal);
        Assert.EndsWith("OK", await OpenSsl.VerifyAsync("sslclient", Now, bundle.RootPem, issued.ChainPem), StringComparison.Ordinal);
        Assert.Contains("expired", await OpenSsl.VerifyAsync("sslclient", Now.AddDays(2), bundle.RootPem, issued.ChainPem), StringComparison.Ordinal);

        var other = await _server.Grains.GetGrain<ICertificateAuthorityGrain>("other/ca-1").GetAuthority(Backend("ca-1", rsaBits), Operator);
        Assert.DoesNotContain("OK", await OpenSsl.VerifyAsync("sslclient", Now, other.RootPem, issued.ChainPem), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "1.2.840.10045.2.1")]
    [InlineData(2048, "1.2.840.113549.1.1.1")]
    public async Task An_authority_is_what_its_backend_says_and_may_sign_and_nothing_else(int? rsaBits, string algorithm)
    {
        var bundle = await Authority.GetAuthority(Backend("ca-1", rsaBits, "30d"), Operator);
        _signer = bundle.Id;
        using var certificate = X509Certificate2.CreateFromPem(bundle.RootPem);
        Assert.Equal(algorithm, certificate.PublicKey.Oid.Value);
        Assert.Equal((Now.AddMinutes(-1), Now.AddDays(30)), Validity(certificate));
        Assert.Equal(32, certificate.SerialNumber.Length);
        Assert.Equal(bundle.Id, AuthorityIdentity.Of(certificate));
        var constraints = Extension<X509BasicConstraintsExtension>(certificate);
        Assert.True(constraints is { CertificateAuthority: true, Critical: true });
        var usage = Extension<X509KeyUsageExtension>(certificate);
        Assert.Equal((X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true), (usage.KeyUsages, usage.Critical));
        Assert.Equal(["spiffe://default"], UrisOf(certificate, critical: false));

        Assert.Equal(bundle, await Authority.GetAuthority(Backend("ca-1", rsaBits, "30d"), Operator));
    }

    [Fact]
    public async Task A_workload_certificate_says_who_it_is_for_and_nothing_else()
    {
        var bundle = await Authority.GetAuthority(Backend("ca-1"), Operator);
        _signer = bundle.Id;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = await Authority.Issue(new CertificateRequest(ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()), Uris, TimeSpan.FromHours(24), _signer));
        using var certificate = X509Certificate2.CreateFromPem(issued.ChainPem);
        using var authority = X509Certificate2.CreateFromPem(bundle.RootPem);

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal("", certificate.Subject);
        Assert.Equal(authority.Subject, certificate.Issuer);
        Assert.Equal((issued.Serial, 32), (certificate.SerialNumber.ToLowerInvariant(), issued.Serial.Length));
        Assert.Equal((Now.AddMinutes(-1), Now.AddHours(24)), Validity(certificate));
        Assert.Equal((issued.NotBefore, issued.NotAfter), Validity(certificate));
        Assert.Equal(Uris, UrisOf(certificate, critical: true));
        Assert.True(Extension<X509BasicConstraintsExtension>(certificate) is { CertificateAuthority: false, Critical: true });
        var usage = Extension<X509KeyUsageExtension>(certificate);
        Assert.Equal((X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement, true), (usage.KeyUsages, usage.Critical));
        Assert.Equal(
            ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
            Extension<X509EnhancedKeyUsageExtension>(certificate).EnhancedKeyUsages.Cast<Oid>().Select(use => use.Value));
        var issuer = Extension<X509AuthorityKeyIdentifierExtension>(certificate).KeyIdentifier!.Value;
        Assert.Equal((bundle.Id, bundle.Id), (Convert.ToHexStringLower(issuer.Span), issued.AuthorityId));
        Assert.Equal(5, certificate.Extensions.Count);

        Assert.NotEqual(issued.Serial, (await IssueAsync(TimeSpan.FromDays(1))).Serial);
    }

    [Fact]
    public async Task A_certificate_never_outlives_its_authority()
    {
        _signer = (await Authority.GetAuthority(Backend("ca-1", lifetime: "2d"), Operator)).Id;
        _server.Time.Advance(TimeSpan.FromHours(36));
        Assert.Equal(Now.AddHours(12), (await IssueAsync(TimeSpan.FromDays(1))).NotAfter);
        _server.Time.Advance(TimeSpan.FromHours(12));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync(TimeSpan.FromDays(1)));
        Assert.Contains("expired", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public async Task A_certificate_is_valid_from_a_minute_back_however_short_its_life(int seconds)
    {
        _signer = (await Authority.GetAuthority(Backend("ca-1"), Operator)).Id;
        _server.Time.Advance(TimeSpan.FromHours(1));

        var issued = await IssueAsync(TimeSpan.FromSeconds(seconds));

        Assert.Equal((Now.AddMinutes(-1), Now.AddSeconds(seconds)), (issued.NotBefore, issued.NotAfter));
    }

    [Fact]
    public async Task Only_p256_and_strong_rsa_keys_are_signed()
    {
        _signer = (await Authority.GetAuthority(Backend("ca-1"), Operator)).Id;
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var weak = RSA.Create(1024);
        foreach (var key in new[] { p384.ExportSubjectPublicKeyInfo(), weak.ExportSubjectPublicKeyInfo(), [1, 2, 3], [] })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => Authority.Issue(new CertificateRequest(ValueList.Create<byte>(key), Uris, TimeSpan.FromDays(1), _signer)));
        }
    }

    [Fact]
    public async Task An_authority_signs_on_after_a_restart()
    {
        var bundle = await Authority.GetAuthority(Backend("ca-1"), Operator);
        _signer = bundle.Id;
        await _server.RestartAsync();
        Assert.Equal(bundle.Id, (await IssueAsync(TimeSpan.FromDays(1))).AuthorityId);
        Assert.Equal(bundle, await Authority.GetAuthority(Backend("ca-1"), Operator));
    }

    [Fact]
    public async Task An_authority_that_does_not_exist_or_whose_key_is_out_of_reach_does_not_sign()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync(TimeSpan.FromDays(1)));
        _signer = (await Authority.GetAuthority(Backend("ca-1"), Operator)).Id;
        _server.Vault.IsShut = true;
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync(TimeSpan.FromDays(1)));
        _server.Vault.IsShut = false;
        await IssueAsync(TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task A_deleted_authority_takes_its_key_with_it_and_another_one_takes_its_place()
    {
        var bundle = await Authority.GetAuthority(Backend("ca-1"), Operator);
        _signer = bundle.Id;
        await IssueAsync(TimeSpan.FromDays(1));
        var created = Assert.IsType<AuthorityCreated>(Assert.Single(await _server.EventsAsync("ca/default/ca-1")));
        Assert.Equal(Outcome.Deleted, (await Authority.Delete(Operator)).Outcome);
        Assert.Equal(Outcome.NotFound, (await Authority.Delete(Operator)).Outcome);
        var secret = created.PrivateKey;
        await Assert.ThrowsAsync<SecretUnavailableException>(() => _server.Vault.UnsealAsync(
            new SealedSecret(secret.KeyId, secret.Nonce, secret.Ciphertext, secret.Tag), "ca/default/ca-1/authority-key"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync(TimeSpan.FromDays(1)));
        Assert.NotEqual(bundle.Id, (await Authority.GetAuthority(Backend("ca-1"), Operator)).Id);
    }

    [Fact]
    public async Task Two_silos_that_make_the_authority_at_once_make_one()
    {
        var other = _server.AddSilo().GetGrain<ICertificateAuthorityGrain>("default/ca-1");
        var bundles = await Task.WhenAll(Authority.GetAuthority(Backend("ca-1"), Operator), other.GetAuthority(Backend("ca-1"), Operator));
        Assert.Equal(bundles[0], bundles[1]);
        Assert.Single(await _server.EventsAsync("ca/default/ca-1"));
    }

    private static (DateTimeOffset, DateTimeOffset) Validity(X509Certificate2 certificate)
        => (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());

    private static T Extension<T>(X509Certificate2 certificate)
        where T : X509Extension
        => Assert.Single(certificate.Extensions.OfType<T>());

    private static List<string> UrisOf(X509Certificate2 certificate, bool critical)
    {
        var names = Assert.Single(certificate.Extensions, e => e.Oid!.Value == "2.5.29.17");
        Assert.Equal(critical, names.Critical);
        List<string> uris = [];
        var reader = new System.Formats.Asn1.AsnReader(names.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            uris.Add(reader.ReadCharacterString(
                System.Formats.Asn1.UniversalTagNumber.IA5String,
                new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 6)));
        }

        return uris;
    }

    private async Task<IssuedCertificate> IssueAsync(TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return await Authority.Issue(new CertificateRequest(ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()), Uris, lifetime, _signer));
    }
}
