using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.Silos;
using OrleansMesh.Silo.Index;
using OrleansMesh.XdsGateway.Endpoints;
using OrleansMesh.XdsGateway.Sessions;

namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// A silo that dies takes grains with it, and what those knew of who observes them. Once it is known to be dead, and from time to time in any case, everything here
/// says again what it observes, and sessions whose grain is no longer there end.
/// </summary>
internal sealed class ObservationRenewal : BackgroundService, ISiloStatusListener
{
    /// <summary>Observers say this often that they still are; a grain forgets those that have not for <see cref="Expiry"/>.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain goes on telling an observer that it has not heard of.</summary>
    public static readonly TimeSpan Expiry = 10 * Interval;

    /// <summary>After a death: at once, and again when the others have agreed on which grains went with it.</summary>
    private static readonly TimeSpan[] AfterDeath = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10)];

    private readonly SemaphoreSlim _death = new(0);
    private readonly EndpointCatalog _endpoints;
    private readonly LiveSessions _sessions;
    private readonly ResourceIndex _index;
    private readonly LivingSilos _silos;
    private readonly IGrainFactory _grains;
    private readonly ILogger<ObservationRenewal> _logger;

    public ObservationRenewal(
        ISiloStatusOracle statuses,
        EndpointCatalog endpoints,
        LiveSessions sessions,
        ResourceIndex index,
        LivingSilos silos,
        IGrainFactory grains,
        ILogger<ObservationRenewal> logger)
    {
        (_endpoints, _sessions, _index, _silos, _grains, _logger) = (endpoints, sessions, index, silos, grains, logger);
        statuses.SubscribeToSiloStatusEvents(this);
    }

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead)
            _death.Release();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await _death.WaitAsync(Interval, stoppingToken))
                {
                    await RenewAsync(stoppingToken);
                    continue;
                }

                foreach (var wait in AfterDeath)
                {
                    await Task.Delay(wait, stoppingToken);
                    await RenewAsync(stoppingToken);
                    await Parallel.ForEachAsync(
                        _index.Current.ConnectedTo(_silos.Name), stoppingToken, async (proxy, _) => await _grains.GetGrain<IProxyGrain>(proxy.Key).Reconcile());
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                _logger.LogWarning(e, "What is observed could not all be observed anew; it is tried again in {Interval}", Interval);
            }
            catch (OperationCanceledException)
            {
                // The server stops.
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        await _sessions.EndLostAsync(cancellationToken);
        await _endpoints.ObserveAnewAsync(cancellationToken);
    }
}
