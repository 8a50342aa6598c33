using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Listeners;

/// <summary>A port that the proxy guards. It has one filter chain, so that with mutual TLS nothing else gets in.</summary>
internal static class InboundListener
{
    /// <summary>Time for the TLS handshake, so that a connection that never finishes it does not stay.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    public static Listener Of(string mesh, InboundView inbound, bool mutualTls) => new()
    {
        Name = ResourceNames.Listener(inbound),
        Address = SocketAddresses.Of(inbound.Address, inbound.Port),
        TrafficDirection = TrafficDirection.Inbound,
        PerConnectionBufferLimitBytes = ConnectionLimits.BufferBytes,
        FilterChains = { inbound.Protocol.IsHttp() ? Http(mesh, inbound, mutualTls) : Tcp(inbound, mutualTls) },
    };

    private static FilterChain Http(string mesh, InboundView inbound, bool mutualTls)
        => Chain("http", mutualTls ? MutualTls.HttpServer(mesh) : null, HttpConnections.Inbound(inbound, mutualTls));

    private static FilterChain Tcp(InboundView inbound, bool mutualTls)
    {
        var proxy = TcpProxying.To(ResourceNames.LocalCluster(inbound), StatPrefixes.Of(inbound));
        // Envoy keeps a chain's connections as long as the chain stays the same, and drains them when it does not. Its name is what
        // changes when somebody lost permission: network RBAC is asked once a connection and would let an open one go on.
        return mutualTls
            ? Chain($"tcp-{inbound.RevocationEpoch}", MutualTls.TcpServer(inbound), PermissionFilters.Network(inbound), proxy)
            : Chain("tcp", null, proxy);
    }

    private static FilterChain Chain(string name, TransportSocket? mutualTls, params IEnumerable<Filter> filters)
    {
        var chain = new FilterChain { Name = name, Filters = { filters } };
        if (mutualTls is not null)
        {
            chain.TransportSocket = mutualTls;
            chain.TransportSocketConnectTimeout = HandshakeTimeout.ToDuration();
        }

        return chain;
    }
}
