using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Google.Protobuf.WellKnownTypes;

namespace OrleansMesh.Translation.Listeners;

/// <summary>Bytes go to one cluster as they come.</summary>
internal static class TcpProxying
{
    /// <param name="connectAttempts">How many hosts are tried before the caller's connection is closed.</param>
    public static Filter To(string cluster, string statPrefix, uint connectAttempts = 1) => new()
    {
        Name = "envoy.filters.network.tcp_proxy",
        TypedConfig = Any.Pack(new TcpProxy
        {
            StatPrefix = statPrefix,
            Cluster = cluster,
            IdleTimeout = ConnectionLimits.TcpIdleTimeout.ToDuration(),
            MaxConnectAttempts = connectAttempts,
        }),
    };
}
