using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OrleansMesh.XdsGateway.Grpc;

namespace OrleansMesh.XdsGateway.Tests.Grpc;

/// <summary>A real Kestrel on loopback with some methods, and a client that speaks HTTP/2 without TLS to it.</summary>
public sealed class GrpcServer : IAsyncLifetime
{
    public const int MaxMessageBytes = 1024 * 1024;

    private readonly WebApplication _app;
    private readonly HttpClient _client;
    private readonly TaskCompletionSource _watchedCallEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GrpcServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.ForLongStreams();
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.MapGrpcBidi("/test.Echo/Echo", EchoAsync, MaxMessageBytes);
        _app.MapGrpcBidi("/test.Echo/Count", CountAsync, MaxMessageBytes);
        _app.MapGrpcBidi("/test.Echo/Fail", Fail);
        _app.MapGrpcBidi("/test.Echo/FailAfterOne", FailAfterOneAsync);
        _app.MapGrpcBidi("/test.Echo/Refuse", _ => throw new GrpcException(GrpcStatusCode.Unauthenticated, "no token — 100% sure"));
        _app.MapGrpcBidi("/test.Echo/Wait", WaitAsync);
        _app.MapGrpcBidi("/test.Echo/Watched", WatchedAsync);
        _app.MapGrpcBidi("/test.Echo/Pieces", PiecesAsync);
        _app.MapGrpcUnimplemented();
        _client = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = false })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    /// <summary>Completed when the handler of the method Watched has ended.</summary>
    public Task WatchedCallEnded => _watchedCallEnded.Task;

    public Uri Http1Address => new(_app.Urls.Last());

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    public async Task<GrpcAnswer> CallAsync(string method, byte[] body, Action<HttpRequestMessage>? adapt = null) =>
        await CallAsync(method, new ByteArrayContent(body), adapt);

    public async Task<GrpcAnswer> CallAsync(string method, HttpContent content, Action<HttpRequestMessage>? adapt = null)
    {
        using var request = Request(method, content);
        adapt?.Invoke(request);
        using var response = await _client.SendAsync(request);
        return await GrpcAnswer.ReadAsync(response);
    }

    /// <summary>The response as soon as its headers are there; the caller disposes it.</summary>
    public Task<HttpResponseMessage> OpenAsync(string method, HttpContent content) =>
        _client.SendAsync(Request(method, content), HttpCompletionOption.ResponseHeadersRead);

    private static HttpRequestMessage Request(string method, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return new HttpRequestMessage(HttpMethod.Post, $"/test.Echo/{method}")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "te", "trailers" } },
        };
    }

    private static async Task EchoAsync(GrpcCall call)
    {
        while (await call.ReadAsync() is { } message)
        {
            await call.WriteAsync(message);
            await call.FlushAsync();
        }
    }

    /// <summary>Says, when the client has said all, how many messages and bytes there were.</summary>
    private static async Task CountAsync(GrpcCall call)
    {
        var (messages, bytes) = (0, 0L);
        while (await call.ReadAsync() is { } message)
            (messages, bytes) = (messages + 1, bytes + message.Length);
        await call.WriteAsync([System.Text.Encoding.ASCII.GetBytes($"{messages} {bytes}")]);
        await call.FlushAsync();
    }

    private static Task Fail(GrpcCall call) => throw new InvalidDataException("the password is swordfish");

    private static async Task FailAfterOneAsync(GrpcCall call)
    {
        await call.WriteAsync([new byte[] { 42 }]);
        throw new GrpcException(GrpcStatusCode.FailedPrecondition, "enough");
    }

    private static async Task WaitAsync(GrpcCall call)
    {
        await call.WriteAsync([new byte[] { 1 }]);
        await call.FlushAsync();
        await Task.Delay(Timeout.Infinite, call.Cancelled);
    }

    private async Task WatchedAsync(GrpcCall call)
    {
        try
        {
            await WaitAsync(call);
        }
        finally
        {
            _watchedCallEnded.SetResult();
        }
    }

    /// <summary>Three messages of many segments in one flush.</summary>
    private static async Task PiecesAsync(GrpcCall call)
    {
        byte[] shared = [.. Enumerable.Range(0, 100_000).Select(n => (byte)n)];
        for (var message = 0; message < 3; message++)
            await call.WriteAsync([new byte[] { (byte)message }, shared, Array.Empty<byte>(), shared]);
        await call.FlushAsync();
    }
}
