using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

/// <summary>A service's endpoints. Key: <c>{mesh}/{service}</c>. Stream: <c>service/{mesh}/{service}</c>.</summary>
public interface IServiceGrain : IGrainWithStringKey
{
    /// <summary>Sets the endpoints that one proxy gives the service; none: the proxy left. Nothing is stored when they are the same.</summary>
    /// <returns>The log position from which on every reader sees it; 0 when nothing changed.</returns>
    Task<long> SetEndpoints(string proxy, ValueList<Endpoint> endpoints, Caller caller);

    /// <summary>The endpoints now; and from now on the observer is told of each change.</summary>
    Task<ServiceEndpoints> ObserveEndpoints(IServiceEndpointsObserver observer);

    Task UnobserveEndpoints(IServiceEndpointsObserver observer);

    /// <summary>What the service speaks now; and from now on the observer is told when that changes. TCP until its first endpoint; after its
    /// last endpoint left, what it spoke.</summary>
    Task<Protocol> ObserveProtocol(IServiceProtocolObserver observer);

    Task UnobserveProtocol(IServiceProtocolObserver observer);
}

/// <summary>Is told of a service's endpoints: the gateway, once per service and silo.</summary>
public interface IServiceEndpointsObserver : IGrainObserver
{
    [OneWay]
    Task EndpointsChanged(ServiceEndpoints endpoints);
}

/// <summary>Is told what a service speaks: the proxies that call it.</summary>
public interface IServiceProtocolObserver : IGrainObserver
{
    [OneWay]
    Task ProtocolChanged(string service, Protocol protocol);
}

/// <summary>All endpoints of a service.</summary>
/// <param name="Version">Grows with the service's stream: of two the one with the greater version is newer.</param>
/// <param name="Endpoints">In ordinal order of the proxy's name, then of the port.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.service-endpoints")]
public sealed record ServiceEndpoints(
    [property: Id(0)] string Mesh,
    [property: Id(1)] string Service,
    [property: Id(2)] long Version,
    [property: Id(3)] ValueList<Endpoint> Endpoints);
