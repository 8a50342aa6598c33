using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Translation.Secrets;
using Filter = Envoy.Config.Listener.V3.Filter;
using HttpRbac = Envoy.Extensions.Filters.Http.Rbac.V3.RBAC;

namespace OrleansMesh.Translation.Tests;

/// <summary>
/// A bootstrap that holds every message of a case as it is. Listeners, clusters and secrets have their places there. Routes, permissions and
/// endpoints, which a bootstrap cannot hold, are put where Envoy reads the same message: a listener's own routes, a filter's own
/// configuration, a static cluster's own endpoints.
/// </summary>
internal static class ValidationBootstrap
{
    public static Bootstrap Of(GoldenCase golden)
    {
        var snapshot = SnapshotTranslation.Translate(golden.View);
        IEnumerable<T> All<T>(string typeUrl) where T : Google.Protobuf.IMessage<T>, new() => snapshot.OfType(typeUrl).Values.Select(EnvoyMessages.Open<T>);

        var extensions = All<TypedExtensionConfig>(XdsType.Extension).ToList();
        var port = 20_000;
        return new Bootstrap
        {
            Node = new Node { Id = golden.View.Proxy.Key, Cluster = "validation" },
            DynamicResources = new Bootstrap.Types.DynamicResources { AdsConfig = Ads() },
            StaticResources = new Bootstrap.Types.StaticResources
            {
                Clusters = { AdsCluster(), Sink(), All<Cluster>(XdsType.Cluster), golden.Endpoints.Select(e => Static(EnvoyMessages.Open<ClusterLoadAssignment>(e))) },
                Secrets = { All<Secret>(XdsType.Secret), EnvoyMessages.Open<Secret>(Identity()) },
                Listeners =
                {
                    All<Listener>(XdsType.Listener),
                    All<RouteConfiguration>(XdsType.Route).Select(route => Listener(port++, Http(route))),
                    extensions.Select(extension => Listener(port++, extension.TypedConfig.Is(HttpRbac.Descriptor)
                        ? [Http(ToSink(), new HttpFilter { Name = extension.Name, TypedConfig = extension.TypedConfig })]
                        : [new Filter { Name = extension.Name, TypedConfig = extension.TypedConfig }, Tcp()])),
                },
            },
        };
    }

    private static EncodedResource Identity()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=validation", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return SecretTranslation.Identity(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), certificate.SerialNumber);
    }

    private static ApiConfigSource Ads() => new()
    {
        ApiType = ApiConfigSource.Types.ApiType.DeltaGrpc,
        TransportApiVersion = ApiVersion.V3,
        GrpcServices = { new GrpcService { EnvoyGrpc = new GrpcService.Types.EnvoyGrpc { ClusterName = "static validation-ads" } } },
    };

    private static Cluster AdsCluster() => Static(new ClusterLoadAssignment { ClusterName = "validation-ads" }, new()
    {
        ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] = Any.Pack(new Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions
        {
            ExplicitHttpConfig = new() { Http2ProtocolOptions = new() },
        }),
    });

    private static Cluster Sink() => Static(new ClusterLoadAssignment { ClusterName = "validation-sink" });

    private static Cluster Static(ClusterLoadAssignment endpoints, Google.Protobuf.Collections.MapField<string, Any>? options = null) => new()
    {
        Name = $"static {endpoints.ClusterName}",
        AltStatName = endpoints.ClusterName,
        Type = Cluster.Types.DiscoveryType.Static,
        LoadAssignment = endpoints,
        TypedExtensionProtocolOptions = { options ?? [] },
    };

    private static Listener Listener(int port, params IEnumerable<Filter> filters) => new()
    {
        Name = $"validation-{port}",
        Address = new Address { SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = (uint)port } },
        FilterChains = { new FilterChain { Filters = { filters } } },
    };

    private static Filter Http(RouteConfiguration routes, params IEnumerable<HttpFilter> filters) => new()
    {
        Name = "http",
        TypedConfig = Any.Pack(new HttpConnectionManager
        {
            StatPrefix = "validation",
            RouteConfig = routes,
            HttpFilters = { filters, new HttpFilter { Name = "router", TypedConfig = Any.Pack(new Router()) } },
        }),
    };

    private static RouteConfiguration ToSink() => new()
    {
        Name = "sink",
        VirtualHosts =
        {
            new VirtualHost { Name = "sink", Domains = { "*" }, Routes = { new Route { Match = new() { Prefix = "/" }, Route_ = new() { Cluster = "static validation-sink" } } } },
        },
    };

    private static Filter Tcp() => new()
    {
        Name = "tcp",
        TypedConfig = Any.Pack(new TcpProxy { StatPrefix = "validation", Cluster = "static validation-sink" }),
    };
}
