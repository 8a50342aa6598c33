using Envoy.Config.Route.V3;
using Envoy.Extensions.Retry.Host.PreviousHosts.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Routes;

/// <summary>What a workload calls leads to the destination's cluster; the same for every proxy that calls it.</summary>
internal static class DestinationRoute
{
    /// <summary>
    /// Tried again only where no workload can have seen the request: no connection came about, the other side refused the stream
    /// (it is going away), or the connection broke before the request's headers were sent.
    /// </summary>
    private const string RetryOn = "connect-failure,refused-stream,reset-before-request";

    public static RouteConfiguration Of(EndpointSelection destination)
    {
        var name = ResourceNames.Destination(destination);
        var action = AllPaths.To(name);
        action.RetryPolicy = new RetryPolicy
        {
            RetryOn = RetryOn,
            NumRetries = 4,
            // Up to five draws to find a host that was not tried yet; then any will do.
            RetryHostPredicate = { PreviousHosts() },
            HostSelectionRetryMaxAttempts = 5,
        };
        return AllPaths.Configuration(name, action);
    }

    private static RetryPolicy.Types.RetryHostPredicate PreviousHosts() => new()
    {
        Name = "envoy.retry_host_predicates.previous_hosts",
        TypedConfig = Any.Pack(new PreviousHostsPredicate()),
    };
}
