using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;
using MeshEndpoint = OrleansMesh.Domain.Services.Endpoint;

namespace OrleansMesh.Translation.Endpoints;

/// <summary>A service's endpoints as one EDS resource, the same for every proxy that calls it.</summary>
public static class EndpointTranslation
{
    /// <summary>
    /// The endpoints of the service that have the selection's tags. One that is not ready is listed as unhealthy: it gets no new request, and
    /// those under way on its connections are not cut off, as they would be if it were left out.
    /// </summary>
    /// <param name="selection">Gives the resource its name.</param>
    /// <param name="endpoints">The service's endpoints, in any order. Of two with the same address and port, one counts: a ready one.</param>
    public static EncodedResource ForService(EndpointSelection selection, IEnumerable<MeshEndpoint> endpoints)
    {
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentNullException.ThrowIfNull(endpoints);
        var assignment = new ClusterLoadAssignment { ClusterName = ResourceNames.Destination(selection) };
        var selected = new Selector(selection.Tags);
        var listed = endpoints
            .Where(e => selected.Matches(e.Tags))
            .OrderBy(e => e.Address, StringComparer.Ordinal).ThenBy(e => e.Port).ThenByDescending(e => e.Ready)
            .DistinctBy(e => (e.Address, e.Port))
            .Select(Endpoint)
            .ToList();
        if (listed.Count > 0)
            assignment.Endpoints.Add(Locality(listed));
        return ResourceEncoding.Encode(assignment.ClusterName, assignment);
    }

    // One place without a name. Envoy needs neither its locality nor its weight; gRPC refuses endpoints that have no locality, and ignores
    // those of a locality without weight (gRFC A27).
    private static LocalityLbEndpoints Locality(IEnumerable<LbEndpoint> endpoints)
        => new() { Locality = new Locality(), LoadBalancingWeight = 1, LbEndpoints = { endpoints } };

    private static LbEndpoint Endpoint(MeshEndpoint endpoint) => new()
    {
        Endpoint = new Endpoint { Address = SocketAddresses.Of(endpoint.Address, endpoint.Port) },
        HealthStatus = endpoint.Ready ? HealthStatus.Healthy : HealthStatus.Unhealthy,
    };
}
