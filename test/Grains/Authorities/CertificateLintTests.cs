using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;
using CertificateRequest = OrleansMesh.GrainInterfaces.CertificateRequest;

namespace OrleansMesh.Grains.Tests.Authorities;

/// <summary>Whatever a mesh asks for, a linter and OpenSSL have nothing to say about the certificates that come of it.</summary>
public sealed class CertificateLintTests : IAsyncLifetime
{
    private const int ConfigurationsOfAKind = 6;

    /// <summary>How many authorities there are from the one that signs to the root, null where the control plane makes its own; and what key signs.</summary>
    private static readonly (int? Provided, bool Rsa)[] Kinds = [(null, false), (null, true), (1, false), (1, true), (2, false), (2, true), (3, false), (3, true)];

    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [SkippableFact]
    public async Task Every_certificate_of_random_configurations_is_without_fault()
    {
        Skip.If(!OpenSsl.IsInstalled && Environment.GetEnvironmentVariable("CI") != "true", "openssl is not installed");
        for (var seed = 0; seed < Kinds.Length * ConfigurationsOfAKind; seed++)
        {
            var random = new Random(seed);
            var (authorities, rsaAuthority) = Kinds[seed % Kinds.Length];
            var authorityLife = TimeSpan.FromSeconds((long)(Math.Exp(random.NextDouble() * Math.Log(300_000_000 / 10d)) * 10));
            var lifetime = TimeSpan.FromSeconds(Math.Exp(random.NextDouble() * Math.Log(Math.Max(authorityLife.TotalSeconds / 10, 1.1))) * 10);
            var mesh = $"mesh-{seed}";
            var backend = authorities is { } length
                ? await new OperatorPki(random, _server.Time.GetUtcNow()).ProvideAsync(mesh, rsaAuthority, length, authorityLife, _server.Vault)
                : Backend("ca-1", rsaAuthority ? 2048 : null, $"{authorityLife.TotalSeconds}s");
            var uris = ProxyViews.IdentityUris(RandomDataplane($"proxy-{seed}", random));
            int? rsaBits = random.Next(4) == 0 ? 2048 : null;
            var authority = _server.Grains.GetGrain<ICertificateAuthorityGrain>($"{mesh}/ca-1");
            var bundle = await authority.GetAuthority(backend, Operator);

            // At any moment of the authority's life, the first and the last second included.
            var moment = Math.Clamp((random.NextDouble() * 1.4) - 0.2, 0, 1);
            _server.Time.Advance(TimeSpan.FromSeconds(moment * (authorityLife.TotalSeconds - 1)));
            var now = _server.Time.GetUtcNow();
            using AsymmetricAlgorithm key = rsaBits is { } bits ? RSA.Create(bits) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var issued = await authority.Issue(new CertificateRequest(ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()), uris, lifetime, bundle.Id));

            using var certificate = X509Certificate2.CreateFromPem(issued.ChainPem);
            var issuers = IssuersOf(issued.ChainPem, bundle.RootPem);
            Assert.Equal(authorities ?? 1, issuers.Length);
            var complaints = CertificateLint.Complaints(certificate, issuers, uris, rsaBits, lifetime, now);
            Assert.True(complaints.Count == 0, $"seed {seed}: {string.Join("; ", complaints)}");
            foreach (var purpose in new[] { "sslserver", "sslclient" })
                Assert.EndsWith("OK", await OpenSsl.VerifyAsync(purpose, now, bundle.RootPem, issued.ChainPem), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_linter_finds_what_is_wrong()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=web", key, HashAlgorithmName.SHA512);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://default/web"));
        names.AddDnsName("web");
        request.CertificateExtensions.Add(names.Build(critical: false));
        var now = DateTimeOffset.UtcNow;
        using var issuer = request.CreateSelfSigned(now.AddHours(1), now.AddHours(2));
        using var certificate = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now.AddHours(-1), now.AddHours(3), [0, 1]);

        using var stranger = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA512)
            .Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now.AddHours(-1), now.AddHours(3), [1]);

        var complaints = CertificateLint.Complaints(certificate, [issuer, stranger], ["spiffe://default/web"], null, TimeSpan.FromHours(1), now);

        foreach (var expected in new[]
        {
            "serial", "subject CN", "signature", "public key", "4 extensions", "basic constraints", "key usage", "extended key usage",
            "authority key identifier", "not critical", "names other", "lives longer", "more than a minute", "begins before", "did not issue", "no root",
        })
        {
            Assert.Contains(complaints, complaint => complaint.Contains(expected, StringComparison.Ordinal));
        }
    }

    /// <summary>One to four inbounds, each with tags of its own, some of them with characters that a URI has to escape.</summary>
    private static Dataplane RandomDataplane(string name, Random random)
    {
        string[] tags = ["version", "Tier", "team.example/owner", "kuma.io/zone", "A_b-c"];
        string[] values = ["v1", "0.9_rc-1", "EU", "a", "x.y.z"];
        var inbounds = Enumerable.Range(0, 1 + random.Next(4)).Select(i => new Inbound(80 + i, TagSet.Of(
            [(TagSet.ServiceTag, $"service-{random.Next(100)}"), .. tags.Where(_ => random.Next(2) == 0).Select(tag => (tag, values[random.Next(values.Length)]))])));
        return new("default", name, new DataplaneNetworking("10.0.0.1", [.. inbounds], []));
    }

    /// <summary>The chain after the workload's own certificate, then the authorities of the bundle.</summary>
    private static X509Certificate2[] IssuersOf(string chainPem, string bundlePem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(chainPem);
        all.RemoveAt(0);
        all.ImportFromPem(bundlePem);
        return [.. all];
    }
}
