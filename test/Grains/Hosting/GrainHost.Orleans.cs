using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansMesh.Grains.Meshes;
using OrleansMesh.OrleansSilo.Hosting;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>What runs the grains of a test: a silo of Orleans, a cluster of its own.</summary>
internal sealed class GrainHost : IAsyncDisposable
{
    private readonly IHost _host;

    private GrainHost(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Of our own grain classes.</summary>
    public int ActiveGrains => Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics().GetAwaiter().GetResult()
        .Count(grain => grain.GrainType.Contains(typeof(MeshGrain).Assembly.GetName().Name!, StringComparison.Ordinal));

    public static GrainHost Start(IServiceCollection services)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var service in services)
            builder.Services.Add(service);

        // The test's clock is for grains and their timers. What the silo does by itself goes by the real one.
        builder.Services
            .AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System)
            .AddKeyedSingleton(TimeProviderNames.Grains, (provider, _) => provider.GetRequiredService<TimeProvider>());
        builder.AddOrleansSilo(new OrleansSiloOptions { ClusterId = Guid.NewGuid().ToString("N"), Port = FreePort() });
        var host = builder.Build();
        host.Start();
        return new GrainHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
