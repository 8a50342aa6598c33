using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Clusters;

/// <summary>The workload beside the proxy.</summary>
internal static class LocalCluster
{
    /// <summary>
    /// Shorter than the time for which any common server keeps a quiet connection (gunicorn 2 s, Node.js 5 s): a request sent on one that
    /// the server is closing at that moment is lost. A new connection to the same machine costs next to nothing.
    /// </summary>
    private static readonly TimeSpan HttpIdleTimeout = TimeSpan.FromSeconds(1);

    public static Cluster Of(InboundView inbound)
    {
        var name = ResourceNames.LocalCluster(inbound);
        return new Cluster
        {
            Name = name,
            Type = Cluster.Types.DiscoveryType.Static,
            ConnectTimeout = ConnectionLimits.ConnectTimeout.ToDuration(),
            PerConnectionBufferLimitBytes = ConnectionLimits.BufferBytes,
            CircuitBreakers = ConnectionLimits.CircuitBreakers(),
            LoadAssignment = new ClusterLoadAssignment
            {
                ClusterName = name,
                Endpoints =
                {
                    new LocalityLbEndpoints
                    {
                        LbEndpoints = { new LbEndpoint { Endpoint = new Endpoint { Address = SocketAddresses.Of(inbound.ServiceAddress, inbound.ServicePort) } } },
                    },
                },
            },
            // The same for TCP, which takes no notice of it, so that an HTTP and a TCP inbound can share the port.
            TypedExtensionProtocolOptions =
            {
                inbound.Protocol is Protocol.Http2 or Protocol.Grpc
                    ? UpstreamHttp.Version2(new Http2ProtocolOptions(), HttpIdleTimeout)
                    : UpstreamHttp.Version1(HttpIdleTimeout),
            },
        };
    }
}
