using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OrleansMesh.Load.Transport;

namespace OrleansMesh.Load.Tests.Harness;

/// <summary>Stands between sidecars and a real server, and may withhold from one of them what the server says, or keep it back for a while.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _server;
    private readonly X509Certificate2 _certificate;

    private Relay(Uri dpServer, string authorityPem)
    {
        _certificate = SelfSigned();
        AuthorityFile = Path.GetTempFileName();
        File.WriteAllText(AuthorityFile, _certificate.ExportCertificatePem());
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        handler.SslOptions.CertificateChainPolicy = ServerAddress.TrustIn(authorityPem);
        _server = new HttpClient(handler) { BaseAddress = dpServer };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(_certificate);
            });
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(RelayAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>By what sidecars check the relay.</summary>
    public string AuthorityFile { get; }

    /// <summary>Changes, or holds up, what the server says to a proxy, given by its name.</summary>
    public Func<string, DeltaDiscoveryResponse, Task> Change { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<Relay> StartAsync(Uri dpServer, string authorityPem)
    {
        var relay = new Relay(dpServer, authorityPem);
        await relay._app.StartAsync();
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _server.Dispose();
        _certificate.Dispose();
        File.Delete(AuthorityFile);
    }

    private async Task RelayAsync(HttpContext context)
    {
        var requests = new Requests(context);
        using var request = new HttpRequestMessage(HttpMethod.Post, context.Request.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = requests,
        };
        request.Headers.TryAddWithoutValidation("authorization", context.Request.Headers.Authorization.ToString());
        try
        {
            using var response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.ContentType = "application/grpc";
            await context.Response.StartAsync();
            await using var responses = await response.Content.ReadAsStreamAsync();
            while (await ReadAsync(responses, context.RequestAborted) is { } message)
            {
                var changed = DeltaDiscoveryResponse.Parser.ParseFrom(message);
                await Change(requests.Proxy, changed);
                await WriteAsync(context.Response.Body, changed.ToByteArray(), context.RequestAborted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var header = new byte[5];
        if (await stream.ReadAtLeastAsync(header, 5, throwOnEndOfStream: false, cancellation) < 5)
            return null;
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
        await stream.ReadExactlyAsync(message, cancellation);
        return message;
    }

    private static async Task WriteAsync(Stream stream, byte[] message, CancellationToken cancellation)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        await stream.WriteAsync(frame, cancellation);
        await stream.FlushAsync(cancellation);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=relay", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>The sidecar's requests, on their way to the server; the first of them says who it is.</summary>
    private sealed class Requests : HttpContent
    {
        private readonly HttpContext _context;

        public Requests(HttpContext context)
        {
            _context = context;
            Headers.ContentType = new("application/grpc");
        }

        public string Proxy { get; private set; } = "";

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            while (await ReadAsync(_context.Request.Body, _context.RequestAborted) is { } message)
            {
                if (Proxy.Length == 0)
                    Proxy = DeltaDiscoveryRequest.Parser.ParseFrom(message).Node.Id.Split('.', 2)[1];
                await WriteAsync(stream, message, _context.RequestAborted);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
