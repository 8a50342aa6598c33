using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A workload: answers every request with its own name, and remembers what it saw.</summary>
internal sealed class EchoService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenRequest> _seen = new();

    private EchoService(string name)
    {
        Name = name;
        Port = Ports.Free();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(Port));
        _app = builder.Build();
        _app.Run(async context =>
        {
            _seen.Enqueue(new SeenRequest(
                context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            await context.Response.WriteAsync(Name);
        });
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>Every request that arrived, oldest first.</summary>
    public IReadOnlyCollection<SeenRequest> Seen => _seen;

    public static async Task<EchoService> StartAsync(string name)
    {
        var service = new EchoService(name);
        await service._app.StartAsync();
        return service;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>A request as a workload saw it.</summary>
internal sealed record SeenRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The header in which the proxy says who called.</summary>
    public string? ClientCertificate => Headers.GetValueOrDefault("x-forwarded-client-cert");
}
