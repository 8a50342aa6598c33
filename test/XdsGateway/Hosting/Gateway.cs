using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansMesh.EmbeddedSilo;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.Tests.Hosting;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Endpoints;
using OrleansMesh.XdsGateway.Sessions;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>The gateway on a real Kestrel, over a silo of fake grains.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MeterListener _listener = new();

    private Gateway(WebApplication app, World world, ManualTime time, LogLines log)
    {
        (_app, World, Time, Log) = (app, world, time, log);
        var metrics = app.Services.GetRequiredService<GatewayMetrics>();
        _listener.SetMeasurementEventCallback<long>((instrument, change, _, _) =>
        {
            lock (_listener)
                (Waiting, Admitted) = instrument == metrics.Admitted ? (Waiting, Admitted + change) : (Waiting + change, Admitted);
        });
        _listener.EnableMeasurementEvents(metrics.AdmissionWaiting);
        _listener.EnableMeasurementEvents(metrics.Admitted);
        Http = NewClient();
    }

    public World World { get; }

    public ManualTime Time { get; }

    public LogLines Log { get; }

    public HttpClient Http { get; }

    public int Port => Http.BaseAddress!.Port;

    public GatewayMetrics Metrics => _app.Services.GetRequiredService<GatewayMetrics>();

    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    /// <param name="certificate">Null: HTTP/2 without TLS.</param>
    public static async Task<Gateway> StartAsync(X509Certificate2? certificate = null, XdsGatewayOptions? options = null)
    {
        var (time, log) = (new ManualTime(), new LogLines());
        var world = new World();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders().AddProvider(log).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services
            .AddSingleton<TimeProvider>(time)
            .AddSingleton(world)
            .AddEmbeddedSilo(null, typeof(FakeProxyGrain).Assembly)
            .AddXdsGateway(options ?? new XdsGatewayOptions { ServerAuthorityPem = TestAuthority.Pem });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Envoy's gRPC client says http also over TLS.
            kestrel.AllowAlternateSchemes = true;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (certificate is not null)
                {
                    listen.UseAdmittedHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                        {
                            ServerCertificate = certificate,
                            ApplicationProtocols = [SslApplicationProtocol.Http2],
                        }),
                    });
                }
            });
        });
        var app = builder.Build();
        app.MapXdsGateway();
        await app.StartAsync();
        return new Gateway(app, world, time, log);
    }

    public EndpointCatalog Endpoints => _app.Services.GetRequiredService<EndpointCatalog>();

    /// <summary>How many connecting proxies wait for their turn.</summary>
    public long Waiting { get; private set; }

    /// <summary>How many had their turn.</summary>
    public long Admitted { get; private set; }

    /// <summary>A client with connections of its own, which end with it.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
    {
        BaseAddress = new Uri(_app.Urls.First()),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>A proxy of the world with this view, connected with a good token.</summary>
    public AdsClient Connect(string proxy, AdsVariant variant = AdsVariant.Delta, HttpClient? http = null)
        => new(http ?? Http, variant, AdsClient.Node(proxy, Views.DataplaneText(proxy)), World.Key.Token(proxy));

    /// <summary>Waits until the proxy's grain has answered all that it was asked.</summary>
    public Task SettledAsync(string proxy) => Grains.GetGrain<IProxyGrain>($"default/{proxy}").Reconcile();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _listener.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
