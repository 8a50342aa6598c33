using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.XdsGateway.Endpoints;

/// <summary>
/// The endpoints of the services that this silo's sessions watch: each service is observed once, each selection of its endpoints encoded once
/// and handed to every session that watches it. A replica that comes or goes takes this way alone.
/// </summary>
public sealed class EndpointCatalog(IGrainFactory grains, GatewayMetrics metrics, TimeProvider time, ILogger<EndpointCatalog> logger)
{
    private const int AtOnce = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Mesh, string Service), WatchedService> _services = [];

    /// <summary>From now on the watcher has the selection's endpoints, as soon as they are known and whenever they change.</summary>
    public void Watch(string mesh, EndpointSelection selection, IEndpointWatcher watcher)
    {
        lock (_gate)
        {
            var key = (mesh, selection.Service);
            if (!_services.TryGetValue(key, out var service))
                _services[key] = service = WatchedService.Observe(mesh, selection.Service, grains, metrics, time, logger);
            service.Add(selection, watcher);
        }
    }

    /// <summary>Observes every watched service once more: its grain may have come up anew in another silo, and know of nobody who observes it.</summary>
    public Task ObserveAnewAsync(CancellationToken cancellationToken)
    {
        List<WatchedService> services;
        lock (_gate)
            services = [.. _services.Values];
        return Parallel.ForEachAsync(
            services,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            static async (service, _) => await service.ObserveAnewAsync());
    }

    public void Unwatch(string mesh, EndpointSelection selection, IEndpointWatcher watcher)
    {
        lock (_gate)
        {
            var key = (mesh, selection.Service);
            if (!_services.TryGetValue(key, out var service))
                return;
            service.Remove(selection, watcher);
            if (service.HasWatchers)
                return;
            _services.Remove(key);
            service.Dispose();
        }
    }
}
