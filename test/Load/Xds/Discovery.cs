using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Load.Xds;
using Filter = Envoy.Config.Listener.V3.Filter;

namespace OrleansMesh.Load.Tests.Xds;

/// <summary>Discovery responses, and the resources in them, as a control plane would write them.</summary>
internal static class Discovery
{
    public static Cluster Cluster(string name) => new()
    {
        Name = name,
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        EdsClusterConfig = new() { EdsConfig = new() { Ads = new() } },
        TransportSocket = new()
        {
            Name = "tls",
            TypedConfig = Any.Pack(new UpstreamTlsContext { CommonTlsContext = new() { TlsCertificateSdsSecretConfigs = { new SdsSecretConfig { Name = "identity", SdsConfig = new() } } } }),
        },
    };

    public static ClusterLoadAssignment Endpoints(string cluster, params string[] addresses) => new()
    {
        ClusterName = cluster,
        Endpoints = { new LocalityLbEndpoints { LbEndpoints = { addresses.Select(a => new LbEndpoint { Endpoint = new() { Address = Address(a, 80) } }) } } },
    };

    public static Secret Secret(string name) => new() { Name = name };

    public static Listener Listener(string address, int port, string route) => new()
    {
        Name = $"{address}:{port}",
        Address = Address(address, port),
        FilterChains =
        {
            new FilterChain
            {
                Filters =
                {
                    new Filter
                    {
                        Name = "http",
                        TypedConfig = Any.Pack(new HttpConnectionManager
                        {
                            Rds = new() { RouteConfigName = route },
                            HttpFilters = { new HttpFilter { Name = "permission", ConfigDiscovery = new() { ConfigSource = new() } } },
                        }),
                    },
                },
            },
        },
    };

    public static RouteConfiguration Route(string name, string cluster) => new()
    {
        Name = name,
        VirtualHosts = { new VirtualHost { Routes = { new Route { Route_ = new RouteAction { Cluster = cluster } } } } },
    };

    public static TypedExtensionConfig Extension(string name) => new() { Name = name };

    public static byte[] Delta(ResourceType type, string nonce, params (string Name, IMessage? Content)[] resources)
    {
        var response = new DeltaDiscoveryResponse { TypeUrl = type.Url, Nonce = nonce };
        foreach (var (name, content) in resources)
        {
            if (content is null)
                response.RemovedResources.Add(name);
            else
                response.Resources.Add(new Resource { Name = name, Version = $"v-{nonce}", Resource_ = Any.Pack(content) });
        }

        return response.ToByteArray();
    }

    public static byte[] StateOfTheWorld(ResourceType type, string nonce, params IMessage[] resources) => new DiscoveryResponse
    {
        TypeUrl = type.Url,
        Nonce = nonce,
        VersionInfo = $"v-{nonce}",
        Resources = { resources.Select(Any.Pack) },
    }.ToByteArray();

    private static Address Address(string ip, int port) => new() { SocketAddress = new() { Address = ip, PortValue = (uint)port } };
}
