using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Services;

/// <summary>What happened to a service. Stream: <c>service/{mesh}/{service}</c>.</summary>
public abstract record ServiceEvent;

/// <summary>A proxy gives the service these endpoints, instead of those that it gave before.</summary>
/// <param name="Proxy">The proxy's name.</param>
/// <param name="Endpoints">By port; empty: the proxy left the service.</param>
[EventType("service.endpoints-set")]
public sealed record EndpointsSet(string Proxy, ValueList<Endpoint> Endpoints) : ServiceEvent;
