using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Listeners;

/// <summary>The address at which the workload finds a service that it calls. Plain: it is for the workload beside the proxy.</summary>
internal static class OutboundListener
{
    public static Listener Of(OutboundView outbound) => new()
    {
        Name = ResourceNames.Listener(outbound),
        Address = SocketAddresses.Of(outbound.Address, outbound.Port),
        TrafficDirection = TrafficDirection.Outbound,
        PerConnectionBufferLimitBytes = ConnectionLimits.BufferBytes,
        FilterChains =
        {
            outbound.Protocol.IsHttp()
                ? new FilterChain { Name = "http", Filters = { HttpConnections.Outbound(outbound) } }
                : new FilterChain
                {
                    Name = "tcp",
                    Filters = { TcpProxying.To(ResourceNames.Destination(outbound.Destination), StatPrefixes.Of(outbound), connectAttempts: 3) },
                },
        },
    };
}
