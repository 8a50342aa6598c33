using System.Buffers.Binary;
using System.Net;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>
/// Stands between an xDS client and the server: takes plain gRPC on loopback, brings the token and TLS that a client cannot, and may change what the server
/// says on its way. So a response that Envoy must refuse is made here, and no hook for it is in the product.
/// </summary>
internal sealed class XdsRelay : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _server;
    private readonly string _token;

    private XdsRelay(ServerProcess server, string token)
    {
        _server = Sidecar.DpServerClient(server);
        _token = token;
        Port = Ports.Free();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(Port, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.AllowAlternateSchemes = true;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(RelayAsync);
    }

    public int Port { get; }

    /// <summary>Changes a delta response on its way to the client; null: leaves it as it is.</summary>
    public Action<DeltaDiscoveryResponse>? Change { get; set; }

    public static async Task<XdsRelay> StartAsync(ServerProcess server, string token)
    {
        var relay = new XdsRelay(server, token);
        await relay._app.StartAsync();
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _app.DisposeAsync();
    }

    private async Task RelayAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, context.Request.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new DuplexContent(context.Request.Body),
        };
        request.Headers.TE.Add(new("trailers"));
        request.Headers.TryAddWithoutValidation("authorization", _token);
        try
        {
            using var response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.ContentType = "application/grpc";
            foreach (var name in (string[])["grpc-status", "grpc-message"])
            {
                if (response.Headers.TryGetValues(name, out var values))
                    context.Response.Headers[name] = values.First();
            }

            await context.Response.StartAsync();
            await using var responses = await response.Content.ReadAsStreamAsync();
            var header = new byte[5];
            while (await responses.ReadAtLeastAsync(header, 5, throwOnEndOfStream: false, context.RequestAborted) == 5)
            {
                var message = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
                await responses.ReadExactlyAsync(message, context.RequestAborted);
                await WriteAsync(context, Changed(context.Request.Path, message));
            }

            foreach (var (name, values) in response.TrailingHeaders)
                context.Features.Get<IHttpResponseTrailersFeature>()!.Trailers[name] = values.First();
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // One of the two has gone; the other learns it from its connection.
            context.Abort();
        }
    }

    private byte[] Changed(string path, byte[] message)
    {
        if (Change is not { } change || !path.EndsWith("/DeltaAggregatedResources", StringComparison.Ordinal))
            return message;
        var response = DeltaDiscoveryResponse.Parser.ParseFrom(message);
        change(response);
        return response.ToByteArray();
    }

    private static async Task WriteAsync(HttpContext context, byte[] message)
    {
        var header = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), message.Length);
        await context.Response.Body.WriteAsync(header, context.RequestAborted);
        await context.Response.Body.WriteAsync(message, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
