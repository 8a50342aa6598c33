using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Translation;
using OrleansMesh.Translation.Endpoints;

namespace OrleansMesh.XdsGateway.Endpoints;

/// <summary>One service that somebody watches.</summary>
internal sealed class WatchedService : IServiceEndpointsObserver, IDisposable
{
    private readonly IServiceGrain _grain;
    private readonly IGrainFactory _grains;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointSelection, Watched> _selections = [];
    private IServiceEndpointsObserver? _reference;
    private ServiceEndpoints? _endpoints;

    private WatchedService(string mesh, string service, IGrainFactory grains, GatewayMetrics metrics, TimeProvider time, ILogger logger)
    {
        _grains = grains;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _stopped = _stop.Token;
        _grain = grains.GetGrain<IServiceGrain>($"{mesh}/{service}");
    }

    private sealed class Watched
    {
        public HashSet<IEndpointWatcher> Watchers { get; } = [];

        public EncodedResource? Encoded { get; set; }
    }

    public bool HasWatchers
    {
        get
        {
            lock (_gate)
                return _selections.Count > 0;
        }
    }

    public static WatchedService Observe(string mesh, string service, IGrainFactory grains, GatewayMetrics metrics, TimeProvider time, ILogger logger)
    {
        var watched = new WatchedService(mesh, service, grains, metrics, time, logger);
        _ = watched.RunAsync();
        return watched;
    }

    public void Add(EndpointSelection selection, IEndpointWatcher watcher)
    {
        lock (_gate)
        {
            if (!_selections.TryGetValue(selection, out var watched))
                _selections[selection] = watched = new Watched { Encoded = Encode(selection) };
            watched.Watchers.Add(watcher);
            if (watched.Encoded is { } encoded)
                watcher.EndpointsAre(selection, encoded);
        }
    }

    public void Remove(EndpointSelection selection, IEndpointWatcher watcher)
    {
        lock (_gate)
        {
            if (_selections.TryGetValue(selection, out var watched) && watched.Watchers.Remove(watcher) && watched.Watchers.Count == 0)
                _selections.Remove(selection);
        }
    }

    /// <summary>Observes once more. A failure is made good by the next time.</summary>
    public async Task ObserveAnewAsync()
    {
        if (_reference is not { } self || _stopped.IsCancellationRequested)
            return;
        try
        {
            await EndpointsChanged(await _grain.ObserveEndpoints(self));
        }
        catch (Exception e)
        {
            _logger.LogWarning(e, "Could not observe the endpoints of service {Service} anew", _grain.GetPrimaryKeyString());
        }
    }

    /// <summary>Observes no longer.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    public Task EndpointsChanged(ServiceEndpoints endpoints)
    {
        lock (_gate)
        {
            if (_endpoints is not null && endpoints.Version <= _endpoints.Version)
                return Task.CompletedTask;
            _endpoints = endpoints;
            foreach (var (selection, watched) in _selections)
            {
                var encoded = Encode(selection)!;
                if (encoded.Version == watched.Encoded?.Version)
                    continue;
                watched.Encoded = encoded;
                foreach (var watcher in watched.Watchers)
                    watcher.EndpointsAre(selection, encoded);
            }
        }

        return Task.CompletedTask;
    }

    private EncodedResource? Encode(EndpointSelection selection)
    {
        if (_endpoints is null)
            return null;
        _metrics.ResourceEncoded(XdsType.Endpoints);
        return EndpointTranslation.ForService(selection, _endpoints.Endpoints);
    }

    /// <summary>Observes the service until the last watcher left. A failure delays the endpoints and never loses them.</summary>
    private Task RunAsync() => LastingObservation.RunAsync<IServiceEndpointsObserver>(
        this,
        async self =>
        {
            _reference = self;
            await EndpointsChanged(await _grain.ObserveEndpoints(self));
        },
        _grain.UnobserveEndpoints,
        $"the endpoints of service {_grain.GetPrimaryKeyString()}",
        Timeout.InfiniteTimeSpan,
        _grains,
        _time,
        _logger,
        _stopped);
}
