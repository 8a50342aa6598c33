using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;

namespace OrleansMesh.Grains.Services;

/// <inheritdoc cref="IServiceGrain"/>
public sealed class ServiceGrain(EventSourcedGrainServices services, ILogger<ServiceGrain> logger)
    : EventSourcedGrain<ServiceState, ServiceEvent>("service", ServiceState.Empty, services, logger), IServiceGrain
{
    // And when each last said that it observes.
    private readonly Dictionary<IServiceEndpointsObserver, DateTimeOffset> _endpointsObservers = [];
    private readonly HashSet<IServiceProtocolObserver> _protocolObservers = [];
    private (string Mesh, string Service) _name;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _name = this.GetPrimaryKeyString().Split('/', 2) is [{ Length: > 0 } mesh, { Length: > 0 } service]
            ? (mesh, service)
            : throw new FormatException($"'{this.GetPrimaryKeyString()}' is not {{mesh}}/{{service}}");
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task<long> SetEndpoints(string proxy, ValueList<Endpoint> endpoints, Caller caller)
    {
        var command = new SetEndpoints(proxy, endpoints);
        return (await DecideAsync(state => ServiceDecider.Decide(command, state), caller)).Position;
    }

    public Task<ServiceEndpoints> ObserveEndpoints(IServiceEndpointsObserver observer)
    {
        _endpointsObservers[observer] = Time.GetUtcNow();
        StayActive(true);
        return Task.FromResult(Endpoints());
    }

    public Task UnobserveEndpoints(IServiceEndpointsObserver observer)
    {
        _endpointsObservers.Remove(observer);
        return StayWhileObserved();
    }

    public Task<Protocol> ObserveProtocol(IServiceProtocolObserver observer)
    {
        _protocolObservers.Add(observer);
        StayActive(true);
        return Task.FromResult(State.Protocol);
    }

    public Task UnobserveProtocol(IServiceProtocolObserver observer)
    {
        _protocolObservers.Remove(observer);
        return StayWhileObserved();
    }

    protected override ServiceState Evolve(ServiceState state, ServiceEvent happened) => ServiceDecider.Evolve(state, happened);

    protected override Task OnAppliedAsync(ServiceState before, IReadOnlyList<ServiceEvent> events, Caller caller)
    {
        var endpoints = Endpoints();
        ForgetLostObservers();
        foreach (var observer in _endpointsObservers.Keys)
            _ = observer.EndpointsChanged(endpoints);
        if (State.Protocol != before.Protocol)
        {
            foreach (var observer in _protocolObservers)
                _ = observer.ProtocolChanged(_name.Service, State.Protocol);
        }

        return Task.CompletedTask;
    }

    private ServiceEndpoints Endpoints() => new(_name.Mesh, _name.Service, Version, State.Endpoints);

    private void ForgetLostObservers()
    {
        if (Options.ObserverExpiry is not { } expiry)
            return;
        var oldest = Time.GetUtcNow() - expiry;
        foreach (var (observer, _) in _endpointsObservers.Where(o => o.Value < oldest).ToList())
            _endpointsObservers.Remove(observer);
    }

    private Task StayWhileObserved()
    {
        StayActive(_endpointsObservers.Count + _protocolObservers.Count > 0);
        return Task.CompletedTask;
    }
}
