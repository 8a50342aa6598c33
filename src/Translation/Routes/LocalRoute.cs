using Envoy.Config.Route.V3;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Routes;

/// <summary>What reaches an inbound leads to the workload. It never changes without its listener, so it is part of it.</summary>
internal static class LocalRoute
{
    public static RouteConfiguration Of(InboundView inbound)
        => AllPaths.Configuration(ResourceNames.Listener(inbound), AllPaths.To(ResourceNames.LocalCluster(inbound)));
}
