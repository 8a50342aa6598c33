using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>Without a permission nobody calls anybody, and without a certificate of the mesh nobody even speaks to an inbound.</summary>
[Trait("Category", "Slow")]
public sealed class DeniedByDefaultTests : IAsyncLifetime
{
    private TwoServices _services = null!;

    public async Task InitializeAsync() => _services = await TwoServices.StartAsync();

    public async Task DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_call_without_permission_is_answered_403_and_the_workload_sees_nothing()
    {
        using var response = await _services.ToBackend.GetAsync("/");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(_services.Backend.Service.Seen);
    }

    [SkippableFact]
    public async Task Plain_http_to_the_inbound_port_gets_no_http_answer()
    {
        await _services.PermitAsync(source: "*");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _services.Backend.Sidecar.Spec.InboundPort);

        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"u8.ToArray());
        var answer = await ReadToEndAsync(client.GetStream());

        Assert.DoesNotContain("HTTP/", answer, StringComparison.Ordinal);
        Assert.Empty(_services.Backend.Service.Seen);
    }

    [SkippableTheory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Tls_without_a_client_certificate_is_refused(SslProtocols version)
    {
        await _services.PermitAsync(source: "*");
        await IsRefused(null, version);
    }

    [SkippableTheory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_self_signed_certificate_is_refused(SslProtocols version)
    {
        await _services.PermitAsync(source: "*");
        using var certificate = SelfSigned("spiffe://default/web");
        await IsRefused(certificate, version);
    }

    [SkippableTheory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_certificate_of_another_mesh_is_refused(SslProtocols version)
    {
        await _services.PermitAsync(source: "*");
        var server = _services.Server;
        await server.ApplyAsync("/meshes/other", Resources.MeshWithMtls("other"));
        var foreigner = new SidecarSpec("web-1", "web", 9, Mesh: "other");
        using var certificate = await XdsClient.IdentityAsync(server, foreigner, await server.TokenAsync("web-1", "other", "web"));
        Assert.Contains("spiffe://other/web", UrisOf(certificate), StringComparison.Ordinal);
        await IsRefused(certificate, version);
    }

    [SkippableTheory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_certificate_of_the_mesh_is_taken(SslProtocols version)
    {
        await _services.PermitAsync(source: "*");
        var server = _services.Server;
        using var certificate = await XdsClient.IdentityAsync(
            server, new SidecarSpec("friend-1", "friend", 9), await server.TokenAsync("friend-1", service: "friend"));

        string answer = "";
        await Eventually.BecomesTrue("the caller is answered", async () => (answer = await CallAsync(certificate, version)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal));

        Assert.Contains("backend-1", answer, StringComparison.Ordinal);
    }

    private async Task IsRefused(X509Certificate2? certificate, SslProtocols version)
    {
        // In TLS 1.3 a client has finished its handshake before the server has looked at its certificate: the refusal is what it reads next.
        try
        {
            Assert.Equal("", await CallAsync(certificate, version));
            Assert.Equal(SslProtocols.Tls13, version);
        }
        catch (Exception refusal) when (refusal is AuthenticationException or IOException)
        {
        }

        Assert.Empty(_services.Backend.Service.Seen);
        await Eventually.BecomesTrue("Envoy counts a failed handshake", async () =>
        {
            var stats = await _services.Backend.Sidecar.StatsAsync(@"^listener\..*\.ssl\.(connection_error|fail_verify_error|fail_verify_no_cert|fail_verify_san)$");
            return stats.Values.Sum() > 0;
        });
    }

    private async Task<string> CallAsync(X509Certificate2? certificate, SslProtocols version)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _services.Backend.Sidecar.Spec.InboundPort);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "backend",
            EnabledSslProtocols = version,
            ClientCertificates = certificate is null ? null : [certificate],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"u8.ToArray());
        return await ReadToEndAsync(tls);
    }

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var bytes = new MemoryStream();
        try
        {
            await stream.CopyToAsync(bytes);
        }
        catch (IOException) when (bytes.Length > 0)
        {
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
        }

        return Encoding.ASCII.GetString(bytes.ToArray());
    }

    private static string UrisOf(X509Certificate2 certificate)
        => Encoding.Latin1.GetString(certificate.Extensions.Single(e => e.Oid?.Value == "2.5.29.17").RawData);

    private static X509Certificate2 SelfSigned(string uri)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build(critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
