using OrleansMesh.Domain.Views;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;
using OrleansMesh.Grains.Silos;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// Has done, after the start and from time to time, what a crash or a lost notification left undone. Each server sees to the proxies that are connected to it;
/// to those that no living server has, and to what deleted meshes left, one server of all that share the log, which holds a lease for it.
/// </summary>
internal sealed class Reconciler(
    ResourceIndex index,
    IGrainFactory grains,
    ActiveStreams streams,
    LivingSilos silos,
    ILeases leases,
    DeletedMeshes deletedMeshes,
    Readiness readiness,
    ServerConfiguration configuration,
    TimeProvider time,
    ILogger<Reconciler> logger) : BackgroundService
{
    private const int Concurrency = 16;
    private const string LeaseName = "reconciler";

    /// <summary>How often to look whether a server has died; only then, or when a sweep is due, is anything done.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _dead = new(StringComparer.Ordinal);
    private ILease? _lease;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.WhenReady.WaitAsync(stoppingToken);
            var interval = configuration.Proxies.ReconcileInterval;
            using var timer = new PeriodicTimer(interval < LookInterval ? interval : LookInterval, time);
            DateTimeOffset due = default;
            do
            {
                await Try("the streams that are behind", () => { streams.WakeThoseBehind(); return Task.CompletedTask; }, stoppingToken);
                var isDue = time.GetUtcNow() >= due;
                if (isDue)
                {
                    due = time.GetUtcNow() + interval;
                    await VisitAsync(index.Current.ConnectedTo(silos.Name), stoppingToken);
                }

                await Try("what no living server sees to", () => SweepAsync(isDue, stoppingToken), stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
        finally
        {
            if (_lease is not null)
                await _lease.DisposeAsync();
        }
    }

    /// <summary>For all servers, if this one holds the lease for it.</summary>
    private async Task SweepAsync(bool isDue, CancellationToken stoppingToken)
    {
        if (!await HoldsLeaseAsync(stoppingToken))
            return;
        using var mayGoOn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _lease!.Lost);
        var (living, died) = await LookAsync();
        if (!isDue && !died)
            return;
        await Try("what deleted meshes left", deletedMeshes.CleanUpAll, mayGoOn.Token);
        foreach (var proxy in ProxiesToShutOut(index.Current))
            await Try($"the quarantine of proxy {proxy}", () => grains.GetGrain<IProxyGrain>(proxy.Key).FollowQuarantine(Caller.System), mayGoOn.Token);
        await VisitAsync(index.Current.Unattended(living), mayGoOn.Token);
    }

    private async Task<bool> HoldsLeaseAsync(CancellationToken cancellationToken)
    {
        if (_lease is { Lost.IsCancellationRequested: true } lost)
        {
            _lease = null;
            await lost.DisposeAsync();
        }

        _lease ??= await leases.TryAcquireAsync(LeaseName, cancellationToken);
        return _lease is not null;
    }

    /// <summary>Every proxy that a quarantine names and that does not know yet.</summary>
    internal static IEnumerable<ProxyId> ProxiesToShutOut(IndexState state)
        => from mesh in state.PresentMeshes
           from proxy in mesh.State.QuarantinedProxies
           where mesh.Proxies.GetValueOrDefault(proxy)?.State.Quarantined is not true
           select new ProxyId(mesh.State.Mesh!.Name, proxy);

    /// <summary>The servers that are alive of those that have connections, and whether one of them has died since the last look.</summary>
    private async Task<(HashSet<string> Living, bool Died)> LookAsync()
    {
        var living = new HashSet<string>(StringComparer.Ordinal);
        var died = false;
        foreach (var silo in index.Current.SilosWithConnections())
        {
            if (await silos.IsAliveAsync(silo))
                living.Add(silo);
            else
                died |= _dead.Add(silo);
        }

        _dead.ExceptWith(living);
        return (living, died);
    }

    private Task VisitAsync(IEnumerable<ProxyId> proxies, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(
            proxies,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (proxy, _) => await Try($"proxy {proxy}", () => grains.GetGrain<IProxyGrain>(proxy.Key).Reconcile(), cancellationToken));

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
