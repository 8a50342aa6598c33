using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace OrleansMesh.Silo.Tests.Access;

/// <summary>The API's port with TLS, and client certificates instead of tokens.</summary>
public sealed class ApiTlsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansmesh-test").FullName;
    private readonly X509Certificate2 _authority = Authority("CN=people");
    private TestServer _server = null!;

    public async Task InitializeAsync()
    {
        var file = Path.Combine(_folder, "clients.crt");
        await File.WriteAllTextAsync(file, _authority.ExportCertificatePem());
        _server = await TestServer.StartAsync(("api.clientCaFile", file), ("api.loopbackIsAdmin", "false"));
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Without_a_certificate_one_is_nobody() => Assert.Equal(("mesh-system:anonymous", 401), await WhoAsync(null));

    [Fact]
    public async Task The_common_name_is_the_user_and_each_organisation_a_group()
    {
        Assert.Equal(("jane", 403), await WhoAsync(Client("CN=jane, O=team-a, O=team-b")));
        Assert.Equal(("jane", 200), await WhoAsync(Client("CN=jane, O=mesh-system:admin")));
        using var api = Connect(Client("CN=jane, O=team-a, O=team-b"));
        var groups = JsonNode.Parse(await api.GetStringAsync("/who-am-i"))!["groups"]!.AsArray().Select(g => (string)g!).Order();
        Assert.Equal(["mesh-system:authenticated", "team-a", "team-b"], groups);
    }

    [Fact]
    public async Task The_uri_is_the_user_where_there_is_no_common_name()
        => Assert.Equal("spiffe://people/jane", (await WhoAsync(Client("O=team-a", "spiffe://people/jane"))).Name);

    [Theory]
    [InlineData("other authority")]
    [InlineData("expired")]
    [InlineData("server")]
    public async Task A_certificate_that_is_not_good_ends_the_handshake(string fault)
    {
        var bad = fault switch
        {
            "other authority" => Client("CN=jane, O=mesh-system:admin", issuer: Authority("CN=people")),
            "expired" => Client("CN=jane, O=mesh-system:admin", ends: DateTimeOffset.UtcNow.AddMinutes(-1)),
            _ => Client("CN=jane, O=mesh-system:admin", usage: "1.3.6.1.5.5.7.3.1"),
        };
        using var api = Connect(bad);
        await Assert.ThrowsAnyAsync<Exception>(() => api.GetStringAsync("/who-am-i"));
    }

    [Fact]
    public async Task A_certificate_that_names_nobody_is_refused()
    {
        using var api = Connect(Client("OU=x"));
        Assert.Equal(401, (int)(await api.GetAsync("/who-am-i")).StatusCode);
    }

    private async Task<(string? Name, int Status)> WhoAsync(X509Certificate2? certificate)
    {
        using var api = Connect(certificate);
        return ((string?)JsonNode.Parse(await api.GetStringAsync("/who-am-i"))!["name"], (int)(await api.GetAsync("/meshes")).StatusCode);
    }

    private HttpClient Connect(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(Path.Combine(_server.Data, "dp-server-ca.crt"));
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_server.Ports.ApiTls}") };
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private X509Certificate2 Client(string subject, string? uri = null, X509Certificate2? issuer = null, DateTimeOffset? ends = null, string usage = "1.3.6.1.5.5.7.3.2")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (uri is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddUri(new Uri(uri));
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(issuer ?? _authority, DateTimeOffset.UtcNow.AddMinutes(-30), ends ?? DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
