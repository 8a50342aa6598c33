using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Values;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Hosting;
using OrleansMesh.Silo.Tls;

namespace OrleansMesh.Silo.Tests.Tls;

public sealed class DpServerTlsTests : IDisposable
{
    private readonly DataFolder _data = DataFolder.Open(Directory.CreateTempSubdirectory("orleansmesh-test").FullName);
    private readonly SettableTime _time = new();

    [Fact]
    public void The_made_certificate_is_good_for_loopback_the_host_and_the_given_names_under_the_made_authority()
    {
        var certificate = Open("mesh.example", "10.9.8.7").Current.TargetCertificate;

        foreach (var name in new[] { "localhost", "127.0.0.1", "::1", "mesh.example", "10.9.8.7" })
            Assert.True(certificate.MatchesHostname(name), name);
        Assert.False(certificate.MatchesHostname("other.example"));
        Assert.Equal("1.2.840.10045.3.1.7", certificate.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
        using var authority = X509Certificate2.CreateFromPem(File.ReadAllText(_data.FileNamed("dp-server-ca.crt")));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _time.Now.UtcDateTime;
        Assert.True(chain.Build(certificate));
    }

    [Fact]
    public void The_authority_stays_over_restarts_and_its_key_is_its_owners_alone()
    {
        var first = Open().AuthorityPem;
        var second = Open().AuthorityPem;

        Assert.Equal(first, second);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_data.FileNamed("dp-server-ca.key")));
        }
    }

    [Fact]
    public void A_made_certificate_is_renewed_when_a_third_of_its_life_is_left_and_not_before()
    {
        var tls = Open();
        var first = tls.Current.TargetCertificate.SerialNumber;
        _time.Now += TimeSpan.FromDays(59);
        Assert.Equal(first, tls.Current.TargetCertificate.SerialNumber);

        _time.Now += TimeSpan.FromDays(2);
        var renewed = tls.Current.TargetCertificate;
        Assert.NotEqual(first, renewed.SerialNumber);
        Assert.True(renewed.NotAfter.ToUniversalTime() > _time.Now.UtcDateTime.AddDays(89));
        Assert.Equal(renewed.SerialNumber, tls.Current.TargetCertificate.SerialNumber);
    }

    [Fact]
    public void A_supplied_certificate_is_shown_as_it_is_and_nothing_is_made()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=own", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (_data.FileNamed("own.crt"), _data.FileNamed("own.key"));
        File.WriteAllText(certificateFile, own.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());

        var tls = DpServerTls.Open(new(Loopback, certificateFile, keyFile, null, [], [], []), _data, _time);

        Assert.Equal(own.SerialNumber, tls.Current.TargetCertificate.SerialNumber);
        Assert.Equal(own.ExportCertificatePem(), tls.AuthorityPem);
        Assert.False(File.Exists(_data.FileNamed("dp-server-ca.crt")));
    }

    [Fact]
    public void Files_that_hold_no_certificate_stop_the_start_with_a_reason()
    {
        File.WriteAllText(_data.FileNamed("own.crt"), "nothing");
        File.WriteAllText(_data.FileNamed("own.key"), "nothing");

        var refusal = Assert.Throws<ServerStartException>(
            () => DpServerTls.Open(new(Loopback, _data.FileNamed("own.crt"), _data.FileNamed("own.key"), null, [], [], []), _data, _time));
        Assert.Contains("TLS certificate", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_data.Path, recursive: true);

    private static ListenerConfiguration Loopback => new(IPAddress.Loopback, 0);

    private DpServerTls Open(params string[] names) => DpServerTls.Open(new(Loopback, null, null, null, names.ToValueList(), [], []), _data, _time);

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
