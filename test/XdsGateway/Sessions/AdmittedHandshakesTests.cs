using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.XdsGateway.Sessions;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

public sealed class AdmittedHandshakesTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The first bytes of a TLS handshake record, after which more would have to come.</summary>
    private static readonly byte[] Beginning = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01];

    private readonly List<TcpClient> _clients = [];
    private X509Certificate2 _certificate = null!;
    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        _gateway = await Gateway.StartAsync(_certificate);
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await _gateway.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task WhoConnectsAndSaysNothingHoldsUpNobody()
    {
        for (var i = 0; i < 3 * Admissions.HandshakesAtATime; i++)
            await ConnectAsync();

        await HandshakeAsync();
    }

    [Fact]
    public async Task WhoBeginsAHandshakeAndStopsHoldsUpTheOthersForALimitedTime()
    {
        await BeginAsync();
        var next = HandshakeAsync();
        await Eventually.HoldsAsync(() => _gateway.Waiting == 1, "it waits");
        Assert.False(next.IsCompleted);

        _gateway.Time.Advance(2 * Admissions.HandshakeLimit);

        await next;
    }

    [Fact]
    public async Task WhoGoesInTheMiddleGivesItsPlaceBack()
    {
        var begun = await BeginAsync();
        var next = HandshakeAsync();
        await Eventually.HoldsAsync(() => _gateway.Waiting == 1, "it waits");

        begun[0].Dispose();

        await next;
    }

    [Fact]
    public async Task WhoGoesWhileItWaitsIsNotWaitedFor()
    {
        var begun = await BeginAsync();
        var waiting = await ConnectAsync();
        await waiting.GetStream().WriteAsync(Beginning);
        await Eventually.HoldsAsync(() => _gateway.Waiting == 1, "it waits");

        waiting.Dispose();

        await Eventually.HoldsAsync(() => _gateway.Waiting == 0, "it has gone");
        begun[0].Dispose();
        await HandshakeAsync();
    }

    /// <summary>As many as may be under way.</summary>
    private async Task<IReadOnlyList<TcpClient>> BeginAsync()
    {
        var begun = new List<TcpClient>();
        for (var i = 0; i < Admissions.HandshakesAtATime; i++)
        {
            begun.Add(await ConnectAsync());
            await begun[^1].GetStream().WriteAsync(Beginning);
        }

        await Eventually.HoldsAsync(() => _gateway.Admitted == begun.Count, "all of them are under way");
        return begun;
    }

    private async Task HandshakeAsync()
    {
        var client = await ConnectAsync();
#pragma warning disable CA5359 // Whose certificate it is does not matter here.
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "gateway", ApplicationProtocols = [SslApplicationProtocol.Http2] }).WaitAsync(Limit);
        Assert.Equal(SslApplicationProtocol.Http2, tls.NegotiatedApplicationProtocol);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        _clients.Add(client);
        await client.ConnectAsync(IPAddress.Loopback, _gateway.Port);
        return client;
    }
}
