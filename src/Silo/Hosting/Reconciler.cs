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
    private readonly SweepNeed _own = new(always: GrainHosting.ObserverExpiry is not null);
    private readonly SweepNeed _all = new(always: GrainHosting.ObserverExpiry is not null);
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
                    await SweepOwnAsync(stoppingToken);
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

    private async Task SweepOwnAsync(CancellationToken stoppingToken)
    {
        var now = index.Current;
        if (_own.MayFindSomething(now.LastNews))
            _own.Swept(now.LastNews, await VisitAsync(now.ConnectedTo(silos.Name), stoppingToken));
    }

    /// <summary>For all servers, if this one holds the lease for it.</summary>
    private async Task SweepAsync(bool isDue, CancellationToken stoppingToken)
    {
        if (!await HoldsLeaseAsync(stoppingToken))
            return;
        using var mayGoOn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _lease!.Lost);
        var (living, died) = await LookAsync();
        var now = index.Current;
        if (!died && !(isDue && _all.MayFindSomething(now.LastNews)))
            return;
        var leftNothing = await Try("what deleted meshes left", deletedMeshes.CleanUpAll, mayGoOn.Token);
        foreach (var proxy in ProxiesToShutOut(now))
            leftNothing &= await Try($"the quarantine of proxy {proxy}", () => grains.GetGrain<IProxyGrain>(proxy.Key).FollowQuarantine(Caller.System), mayGoOn.Token);
        leftNothing &= await VisitAsync(now.Unattended(living), mayGoOn.Token);
        _all.Swept(now.LastNews, leftNothing);
    }

    private async Task<bool> HoldsLeaseAsync(CancellationToken cancellationToken)
    {
        if (_lease is { Lost.IsCancellationRequested: true } lost)
        {
            _lease = null;
            _all.Forget();
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

    /// <returns>Whether each of them was.</returns>
    private async Task<bool> VisitAsync(IEnumerable<ProxyId> proxies, CancellationToken cancellationToken)
    {
        var failed = 0;

        // Where grains move from silo to silo, observations are lost with them, and are made anew.
        var spoken = GrainHosting.ObserverExpiry is null ? new SpokenProtocols(index.Current) : null;
        await Parallel.ForEachAsync(
            proxies,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (proxy, _) =>
            {
                if (!await Try($"proxy {proxy}", () => grains.GetGrain<IProxyGrain>(proxy.Key).Reconcile(spoken?.Of(proxy)), cancellationToken))
                    Interlocked.Increment(ref failed);
            });
        return failed == 0;
    }

    private async Task<bool> Try(string what, Func<Task> reconcile, CancellationToken cancellationToken)
    {
        try
        {
            await reconcile();
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning(e, "{What} could not be reconciled; the next sweep tries again", what);
            return false;
        }
    }
}
