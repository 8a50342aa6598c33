using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>What a proxy gives a service.</summary>
/// <param name="Endpoints">Empty: nothing, and what it gave before is to be withdrawn.</param>
public sealed record OfferedEndpoints(string Service, ValueList<Endpoint> Endpoints)
{
    /// <summary>What the proxy gives each service that it ever was part of.</summary>
    public static IEnumerable<OfferedEndpoints> Of(ProxyState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var networking = state is { Serving: true, Quarantined: false } ? state.Dataplane?.Networking : null;
        var byService = networking?.Inbound.ToLookup(
            inbound => inbound.Service,
            inbound => new Endpoint(networking.AdvertisedAddress ?? inbound.Address ?? networking.Address, inbound.Port, inbound.Tags, inbound.IsReady));
        return state.KnownServices.Select(service => new OfferedEndpoints(service, byService?[service].ToValueList() ?? []));
    }
}
