using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansMesh.Demo;

/// <summary>The service that is called. It knows its callers only by what its proxy vouches for.</summary>
internal sealed class BackendService : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _requests;

    private BackendService()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        _application = builder.Build();
        _application.Run(context =>
        {
            Interlocked.Increment(ref _requests);
            return context.Response.WriteAsync($"hello, {CallerIn(context.Request.Headers["x-forwarded-client-cert"].ToString())}");
        });
    }

    public int Port { get; private set; }

    /// <summary>How many requests reached the service.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<BackendService> StartAsync()
    {
        var service = new BackendService();
        await service._application.StartAsync();
        service.Port = new Uri(service._application.Urls.Single()).Port;
        return service;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>The SPIFFE identity in Envoy's header; "stranger" without one.</summary>
    /// <remarks>https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/headers#x-forwarded-client-cert</remarks>
    private static string CallerIn(string header)
        => header.Split(';', ',')
            .FirstOrDefault(element => element.StartsWith("URI=spiffe://", StringComparison.Ordinal))?["URI=".Length..] ?? "stranger";
}
