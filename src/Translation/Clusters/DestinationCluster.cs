using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Type.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Clusters;

/// <summary>A service that the workload calls; the same for every proxy of the mesh that calls it.</summary>
internal static class DestinationCluster
{
    /// <summary>Less than the hour after which the other sidecar closes a quiet connection, so that this side is the one that closes.</summary>
    private static readonly TimeSpan HttpIdleTimeout = TimeSpan.FromMinutes(30);

    public static Cluster Of(string mesh, OutboundView outbound, bool mutualTls)
    {
        var cluster = new Cluster
        {
            Name = ResourceNames.Destination(outbound.Destination),
            Type = Cluster.Types.DiscoveryType.Eds,
            EdsClusterConfig = new Cluster.Types.EdsClusterConfig { EdsConfig = AdsSource.Create() },
            ConnectTimeout = ConnectionLimits.ConnectTimeout.ToDuration(),
            PerConnectionBufferLimitBytes = ConnectionLimits.BufferBytes,
            CircuitBreakers = ConnectionLimits.CircuitBreakers(),
            LoadBalancingPolicy = LoadBalancing.Policy(),
            // Never spread traffic over endpoints that are not ready, however few are left: Envoy would from half of them on.
            CommonLbConfig = new Cluster.Types.CommonLbConfig { HealthyPanicThreshold = new Percent { Value = 0 } },
            UpstreamConnectionOptions = new UpstreamConnectionOptions
            {
                // A machine that vanished is noticed within 30 + 3 x 10 s, not the two hours that are usual.
                TcpKeepalive = new TcpKeepalive { KeepaliveTime = 30, KeepaliveInterval = 10, KeepaliveProbes = 3 },
            },
        };
        var http2 = mutualTls ? outbound.Protocol.IsHttp() : outbound.Protocol is Protocol.Http2 or Protocol.Grpc;
        if (http2)
            cluster.TypedExtensionProtocolOptions.Add(UpstreamHttp.Version2(BetweenSidecars(), HttpIdleTimeout));
        else if (outbound.Protocol.IsHttp())
            cluster.TypedExtensionProtocolOptions.Add(UpstreamHttp.Version1(HttpIdleTimeout));
        if (mutualTls)
            cluster.TransportSocket = MutualTls.Client(mesh, outbound.Destination.Service, [.. http2 ? ["h2"] : Array.Empty<string>()]);
        return cluster;
    }

    private static Http2ProtocolOptions BetweenSidecars() => new()
    {
        // Lets a WebSocket, which a workload opens in HTTP/1.1, pass (RFC 8441).
        AllowConnect = true,
        // One connection carries many requests: find out soon that it is dead.
        ConnectionKeepalive = new KeepaliveSettings
        {
            Interval = TimeSpan.FromSeconds(30).ToDuration(),
            Timeout = TimeSpan.FromSeconds(10).ToDuration(),
        },
    };
}
