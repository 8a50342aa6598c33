using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansMesh.Demo;

/// <summary>The service that calls. Whoever asks it has it call backend through its own proxy, always on the one connection that it keeps open.</summary>
internal sealed class WebService : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly HttpClient _http;
    private readonly List<int> _connections = [];
    private Uri _backend = new("http://127.0.0.1");

    private WebService()
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            MaxConnectionsPerServer = 1,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = TimeSpan.FromSeconds(10),
        };
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        _application = builder.Build();
        _application.Run(async context =>
        {
            var answer = await CallBackendAsync(context.RequestAborted);
            await context.Response.WriteAsync(answer is null ? "cannot reach the proxy\n" : $"backend answered {answer.Status}: {answer.Body}\n");
        });
    }

    public int Port { get; private set; }

    /// <summary>The local ports of the connections to the proxy that were ever opened.</summary>
    public IReadOnlyList<int> Connections
    {
        get
        {
            lock (_connections)
                return [.. _connections];
        }
    }

    public static async Task<WebService> StartAsync()
    {
        var service = new WebService();
        await service._application.StartAsync();
        service.Port = new Uri(service._application.Urls.Single()).Port;
        return service;
    }

    /// <param name="outboundPort">Where the service's own proxy listens for calls to backend.</param>
    public void CallThrough(int outboundPort) => _backend = new Uri($"http://127.0.0.1:{outboundPort}/");

    /// <summary>Null when the proxy does not listen.</summary>
    public async Task<Answer?> CallBackendAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync(_backend, cancellation);
            return new((int)response.StatusCode, (await response.Content.ReadAsStringAsync(cancellation)).Trim());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _application.DisposeAsync();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        lock (_connections)
            _connections.Add(((IPEndPoint)socket.LocalEndPoint!).Port);
        return new NetworkStream(socket, ownsSocket: true);
    }
}

/// <summary>What came back from backend, or from a proxy on the way.</summary>
internal sealed record Answer(int Status, string Body);
