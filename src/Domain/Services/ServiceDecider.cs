using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Services;

/// <summary>Sets the endpoints that a proxy gives the service; none: the proxy left.</summary>
/// <param name="Proxy">The proxy's name.</param>
public sealed record SetEndpoints(string Proxy, ValueList<Endpoint> Endpoints);

/// <summary>Decides what becomes of a service.</summary>
public static class ServiceDecider
{
    public static Decision<ServiceEvent> Decide(SetEndpoints command, ServiceState state)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(state);
        var endpoints = command.Endpoints.OrderBy(e => e.Port).ThenBy(e => e.Address, StringComparer.Ordinal).ToValueList();
        var before = state.Proxies.Find(NameOf, command.Proxy)?.Endpoints ?? [];
        return endpoints.Equals(before)
            ? Decision.Unchanged<ServiceEvent>()
            : Decision.Changed<ServiceEvent>(new EndpointsSet(command.Proxy, endpoints));
    }

    /// <exception cref="ArgumentException">The event is not one of a service's.</exception>
    public static ServiceState Evolve(ServiceState state, ServiceEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (happened is not EndpointsSet set)
            throw new ArgumentException($"{happened} is not known", nameof(happened));
        var proxies = set.Endpoints.Count == 0
            ? state.Proxies.Without(NameOf, set.Proxy)
            : state.Proxies.With(NameOf, new ProxyEndpoints(set.Proxy, set.Endpoints));
        return new ServiceState { Proxies = proxies, Protocol = CommonProtocol(proxies) ?? state.Protocol };
    }

    private static Protocol? CommonProtocol(ValueList<ProxyEndpoints> proxies)
    {
        Protocol? common = null;
        foreach (var endpoint in proxies.SelectMany(p => p.Endpoints))
            common = common is { } soFar ? Protocols.Common(soFar, endpoint.Protocol) : endpoint.Protocol;
        return common;
    }

    private static string NameOf(ProxyEndpoints endpoints) => endpoints.Proxy;
}
