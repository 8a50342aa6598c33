using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// Asks the proxies' grains, after the start and from time to time, to do what a crash or a lost notification left undone.
/// </summary>
internal sealed class Reconciler(
    ResourceIndex index,
    IGrainFactory grains,
    DeletedMeshes deletedMeshes,
    Readiness readiness,
    ServerConfiguration configuration,
    TimeProvider time,
    ILogger<Reconciler> logger) : BackgroundService
{
    private const int Concurrency = 16;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.WhenReady.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(configuration.Proxies.ReconcileInterval, time);
            do
            {
                await Sweep(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>Every proxy that may have something left to do: it has a Dataplane, a connection, or endpoints in a service.</summary>
    internal static IReadOnlyCollection<ProxyId> ProxiesToVisit(IndexState state)
    {
        var proxies = new HashSet<ProxyId>();
        foreach (var (name, mesh) in state.Meshes)
        {
            foreach (var (proxy, indexed) in mesh.Proxies)
            {
                if (indexed.State.Dataplane is not null || indexed.State.Session is not null)
                    proxies.Add(new(name, proxy));
            }

            foreach (var endpoints in mesh.Services.Values.SelectMany(s => s.State.Proxies))
                proxies.Add(new(name, endpoints.Proxy));
        }

        return proxies;
    }

    /// <summary>Every proxy that a quarantine names and that does not know yet.</summary>
    internal static IEnumerable<ProxyId> ProxiesToShutOut(IndexState state)
        => from mesh in state.PresentMeshes
           from proxy in mesh.State.QuarantinedProxies
           where mesh.Proxies.GetValueOrDefault(proxy)?.State.Quarantined is not true
           select new ProxyId(mesh.State.Mesh!.Name, proxy);

    private async Task Sweep(CancellationToken cancellationToken)
    {
        await Try("what deleted meshes left", deletedMeshes.CleanUpAll, cancellationToken);
        foreach (var proxy in ProxiesToShutOut(index.Current))
            await Try($"the quarantine of proxy {proxy}", () => grains.GetGrain<IProxyGrain>(proxy.Key).FollowQuarantine(Caller.System), cancellationToken);
        await Parallel.ForEachAsync(
            ProxiesToVisit(index.Current),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (proxy, _) => await Try($"proxy {proxy}", () => grains.GetGrain<IProxyGrain>(proxy.Key).Reconcile(), cancellationToken));
    }

    private async Task Try(string what, Func<Task> reconcile, CancellationToken cancellationToken)
    {
        try
        {
            await reconcile();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning(e, "{What} could not be reconciled; the next sweep tries again", what);
        }
    }
}
