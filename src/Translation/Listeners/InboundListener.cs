using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Listeners;

/// <summary>
/// A port that the proxy guards. It has one filter chain, so that with mutual TLS nothing else gets in; and where the mesh is permissive a second one,
/// for what is no TLS: that passes without identity, and so without permission.
/// </summary>
internal static class InboundListener
{
    /// <summary>Time for the TLS handshake, so that a connection that never finishes it does not stay.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to wait for a caller's first bytes before it counts as one without TLS, who leaves the first word to the workload. A TLS client sends
    /// its own at once.
    /// </summary>
    private static readonly TimeSpan DetectionTimeout = TimeSpan.FromSeconds(2);

    /// <param name="mode">Null: no mutual TLS.</param>
    public static Listener Of(string mesh, InboundView inbound, MtlsMode? mode)
    {
        var listener = new Listener
        {
            Name = ResourceNames.Listener(inbound),
            Address = SocketAddresses.Of(inbound.Address, inbound.Port),
            TrafficDirection = TrafficDirection.Inbound,
            PerConnectionBufferLimitBytes = ConnectionLimits.BufferBytes,
            FilterChains = { Chain(mesh, inbound, mutualTls: mode is not null) },
        };
        if (mode is MtlsMode.Permissive)
        {
            listener.FilterChains[0].FilterChainMatch = new FilterChainMatch { TransportProtocol = "tls" };
            var plain = Chain(mesh, inbound, mutualTls: false);
            plain.Name = $"plain-{plain.Name}";
            plain.FilterChainMatch = new FilterChainMatch { TransportProtocol = "raw_buffer" };
            listener.FilterChains.Add(plain);
            listener.ListenerFilters.Add(new ListenerFilter { Name = "envoy.filters.listener.tls_inspector", TypedConfig = new Any { TypeUrl = TlsInspector } });
            listener.ListenerFiltersTimeout = DetectionTimeout.ToDuration();
            listener.ContinueOnListenerFiltersTimeout = true;
        }

        return listener;
    }

    private const string TlsInspector = "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector";

    private static FilterChain Chain(string mesh, InboundView inbound, bool mutualTls)
        => inbound.Protocol.IsHttp() ? Http(mesh, inbound, mutualTls) : Tcp(inbound, mutualTls);

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
