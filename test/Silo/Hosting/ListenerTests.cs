using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json.Nodes;

namespace OrleansMesh.Silo.Tests.Hosting;

public sealed class ListenerTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Diagnostics_has_its_own_paths_and_nothing_of_the_api()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.Diagnostics.GetAsync("/healthy")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Diagnostics.GetAsync("/ready")).StatusCode);
        foreach (var path in new[] { "/", "/meshes", "/meshes/default", "/tokens/dataplane", "/config", "/bootstrap" })
            Assert.Equal(HttpStatusCode.NotFound, (await server.Diagnostics.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Diagnostics.PutAsync("/meshes/m", new StringContent(Documents.Mesh("m")))).StatusCode);
    }

    [Fact]
    public async Task Metrics_are_in_prometheus_format_and_name_what_an_operator_watches()
    {
        var answer = await server.Diagnostics.GetAsync("/metrics");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        foreach (var metric in new[]
        {
            "orleansmesh_xds_connections", "orleansmesh_xds_pushes_total", "orleansmesh_xds_acks_total", "orleansmesh_xds_nacks_total",
            "orleansmesh_eventstore_position", "orleansmesh_eventstore_append_duration_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total",
        })
        {
            Assert.Contains($"# TYPE {metric} ", text, StringComparison.Ordinal);
        }

        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(@"^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [-+.eE\w]+)$", line));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_proxies_port_speaks_tls_under_the_authority_in_the_data_folder_and_both_versions_of_http(bool http2)
    {
        using var authority = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(
            await File.ReadAllTextAsync(Path.Combine(server.Data, "dp-server-ca.crt")));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Ports.DpServer);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11],
            CertificateChainPolicy = new()
            {
                TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
            },
        });

        Assert.Equal(http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
        Assert.True(tls.SslProtocol >= SslProtocols.Tls12);
    }

    [Fact]
    public async Task The_proxies_port_serves_nothing_of_the_api()
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var client = new HttpClient(handler) { BaseAddress = new($"https://127.0.0.1:{server.Ports.DpServer}") };

        foreach (var path in new[] { "/meshes", "/healthy", "/config" })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
        Assert.NotEqual(HttpStatusCode.NotFound, (await client.PostAsync("/bootstrap", new StringContent("{}"))).StatusCode);
    }

    [Fact]
    public async Task The_proxies_port_takes_http2_requests_that_say_http_over_tls_as_envoys_do()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Ports.DpServer);
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http2] });

        // The connection preface, empty SETTINGS, then HEADERS (RFC 9113, sections 3.4 and 6.2): GET, :scheme http, path / and an authority,
        // from HPACK's static table (RFC 7541, appendix A).
        byte[] headers = [0x82, 0x86, 0x84, 0x41, 0x01, (byte)'x'];
        await tls.WriteAsync((byte[])
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
            0, 0, 0, 4, 0, 0, 0, 0, 0,
            0, 0, (byte)headers.Length, 1, 5, 0, 0, 0, 1, .. headers,
        ]);

        const byte Headers = 1;
        const byte ResetStream = 3;
        var frame = new byte[9];
        do
        {
            await tls.ReadExactlyAsync(frame).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            await tls.ReadExactlyAsync(new byte[(frame[0] << 16) | (frame[1] << 8) | frame[2]]).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        }
        while (frame[3] is not Headers and not ResetStream);
        Assert.Equal(Headers, frame[3]);
    }

    [Fact]
    public async Task The_ports_file_says_where_everything_is()
    {
        var ports = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(server.Data, "ports.json")))!;
        Assert.Equal((server.Ports.Api, server.Ports.DpServer, server.Ports.Diagnostics), ((int)ports["api"]!, (int)ports["dpServer"]!, (int)ports["diagnostics"]!));
        Assert.Equal(200, (await server.GetAsync("/meshes")).Status);
    }
}
