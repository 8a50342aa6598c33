using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;

namespace OrleansMesh.Translation.Routes;

/// <summary>Any host, any path, one action.</summary>
internal static class AllPaths
{
    /// <summary>Without a time limit: how long an answer may take, or a stream live, is for the workloads to say (Envoy's own limit is 15 s).</summary>
    public static RouteAction To(string cluster) => new() { Cluster = cluster, Timeout = new Duration() };

    public static RouteConfiguration Configuration(string name, RouteAction action) => new()
    {
        Name = name,
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = name,
                Domains = { "*" },
                Routes = { new Route { Match = new RouteMatch { Prefix = "/" }, Route_ = action } },
            },
        },
        // The cluster always comes before the listener, but Envoy would refuse the whole listener if it ever did not.
        ValidateClusters = false,
    };
}
