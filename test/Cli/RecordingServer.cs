using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansMesh.Cli.Tests;

/// <summary>An HTTP server that answers as it is told, 404 otherwise, and remembers what it was asked.</summary>
internal sealed class RecordingServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, Func<Recorded, (int Status, string Body)>> _answers = new();
    private readonly ConcurrentQueue<Recorded> _requests = new();

    private RecordingServer(X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>The position of the log that every answer carries; null: none.</summary>
    public string? Position { get; set; }

    public IReadOnlyList<Recorded> Requests => [.. _requests];

    public static async Task<RecordingServer> StartAsync(X509Certificate2? certificate = null)
    {
        var server = new RecordingServer(certificate);
        await server._application.StartAsync();
        var port = new Uri(server._application.Urls.Single()).Port;
        server.Address = new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{port}");
        return server;
    }

    /// <param name="request">Method and path with query: <c>GET /meshes</c>.</param>
    public RecordingServer On(string request, int status, string body) => On(request, _ => (status, body));

    public RecordingServer On(string request, Func<Recorded, (int Status, string Body)> answer)
    {
        _answers[request] = answer;
        return this;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var recorded = new Recorded(
            $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}",
            await reader.ReadToEndAsync(),
            context.Request.Headers.Authorization.ToString(),
            context.Request.Headers["Mesh-Position"].ToString());
        _requests.Enqueue(recorded);
        var (status, body) = _answers.TryGetValue(recorded.Request, out var answer) ? answer(recorded) : (404, "404: Page Not Found");
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (Position is not null)
            context.Response.Headers["Mesh-Position"] = Position;
        await context.Response.WriteAsync(body);
    }
}

/// <param name="Position">The position of the log that the request waits for; empty: none.</param>
internal sealed record Recorded(string Request, string Body, string Authorization, string Position);
