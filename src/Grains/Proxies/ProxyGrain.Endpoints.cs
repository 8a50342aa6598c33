using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Proxies;

/// <summary>What the proxy gives its services. Its own stream says what that is; each service is told until it has taken it.</summary>
public sealed partial class ProxyGrain
{
    private readonly Dictionary<string, ValueList<Endpoint>> _told = new(StringComparer.Ordinal);

    /// <summary>Tells each service that does not know yet. An activation begins by knowing of none what it was told.</summary>
    /// <returns>The log position from which on every reader sees it; 0 when nothing changed.</returns>
    private async Task<long> OfferEndpointsAsync(Caller caller)
    {
        var positions = await Task.WhenAll(Untold().Select(offer => TellAsync(offer, caller)));
        return positions.DefaultIfEmpty().Max();
    }

    private List<OfferedEndpoints> Untold()
        => OfferedEndpoints.Of(State).Where(offer => !_told.TryGetValue(offer.Service, out var told) || !told.Equals(offer.Endpoints)).ToList();

    private async Task<long> TellAsync(OfferedEndpoints offer, Caller caller)
    {
        try
        {
            var position = await Service(offer.Service).SetEndpoints(_id.Name, offer.Endpoints, caller);
            _told[offer.Service] = offer.Endpoints;
            return position;
        }
        catch (Exception e)
        {
            _told.Remove(offer.Service);
            logger.LogError(e, "Service {Service} could not be told the endpoints of proxy {Proxy}", offer.Service, _id);
            RetryLater();
            return 0;
        }
    }
}
