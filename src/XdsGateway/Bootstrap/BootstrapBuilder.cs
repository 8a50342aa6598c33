using System.Net;
using System.Text.Json.Nodes;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;
using ApiType = Envoy.Config.Core.V3.ApiConfigSource.Types.ApiType;
using HttpProtocolOptions = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;
using SocketAddress = Envoy.Config.Core.V3.SocketAddress;

namespace OrleansMesh.XdsGateway.Bootstrap;

/// <summary>Makes the configuration with which Envoy starts: who it is, and how it reaches and trusts the control plane.</summary>
public static class BootstrapBuilder
{
    private const string AdsCluster = "ads_cluster";
    private const string TrustSecret = "cp_validation_ctx";

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default
        .WithIndentation()
        .WithTypeRegistry(TypeRegistry.FromMessages(
            FileAccessLog.Descriptor, UpstreamTlsContext.Descriptor, HttpProtocolOptions.Descriptor)));

    /// <summary>The bootstrap as JSON, which is YAML too.</summary>
    /// <param name="dataplane">The proxy's Dataplane, presented or stored.</param>
    /// <param name="controlPlanes">Where the proxy reaches the control plane: one server or several, any of which will do.</param>
    /// <param name="trustPem">The certificates against which the proxy checks each of them.</param>
    public static string Build(
        BootstrapRequest request, Dataplane dataplane, IReadOnlyList<ControlPlaneAddress> controlPlanes, string trustPem, XdsGatewayOptions options)
    {
        var bootstrap = new Envoy.Config.Bootstrap.V3.Bootstrap
        {
            Node = NodeOf(request, dataplane),
            Admin = new Admin
            {
                Address = SocketAddressOf("127.0.0.1", dataplane.Networking.Admin?.Port ?? options.DefaultAdminPort),
                AccessLog =
                {
                    new Envoy.Config.Accesslog.V3.AccessLog
                    {
                        Name = "envoy.access_loggers.file",
                        TypedConfig = Any.Pack(new FileAccessLog { Path = "/dev/null" }),
                    },
                },
            },
            DynamicResources = new Envoy.Config.Bootstrap.V3.Bootstrap.Types.DynamicResources
            {
                AdsConfig = AdsConfig(request.DataplaneToken, options),
                CdsConfig = Ads(),
                LdsConfig = Ads(),
            },
            StaticResources = new Envoy.Config.Bootstrap.V3.Bootstrap.Types.StaticResources
            {
                Clusters = { ControlPlaneCluster(controlPlanes) },
                Secrets = { ControlPlaneTrust(controlPlanes, trustPem) },
            },
        };
        return Formatter.Format(bootstrap);
    }

    private static Node NodeOf(BootstrapRequest request, Dataplane dataplane)
    {
        var proxy = new ProxyId(request.Mesh, request.Name);
        var metadata = new JsonObject
        {
            ["dataplane.proxyType"] = "dataplane",
            ["version"] = new JsonObject
            {
                ["kumaDp"] = request.Version.KumaDp?.DeepClone(),
                ["envoy"] = request.Version.Envoy?.DeepClone(),
            },
            ["features"] = new JsonArray([.. request.Features.Select(f => JsonValue.Create(f))]),
        };
        if (request.DataplaneResource.Length > 0)
            metadata["dataplane.resource"] = request.DataplaneResource;
        if (request.Workdir.Length > 0)
            metadata["workdir"] = request.Workdir;
        if (request.SystemCaPath.Length > 0)
            metadata["systemCaPath"] = request.SystemCaPath;
        if (request.DynamicMetadata is { Count: > 0 })
            metadata["dynamicMetadata"] = request.DynamicMetadata.DeepClone();
        return new Node
        {
            Id = NodeId.Of(proxy),
            Cluster = dataplane.Networking.Inbound.Select(i => i.Service).FirstOrDefault() ?? request.Name,
            Metadata = JsonParser.Default.Parse<Struct>(metadata.ToJsonString()),
        };
    }

    private static ApiConfigSource AdsConfig(string token, XdsGatewayOptions options) => new()
    {
        ApiType = options.DeltaXds ? ApiType.DeltaGrpc : ApiType.Grpc,
        TransportApiVersion = ApiVersion.V3,
        SetNodeOnFirstMessageOnly = true,
        GrpcServices =
        {
            new GrpcService
            {
                EnvoyGrpc = new GrpcService.Types.EnvoyGrpc
                {
                    ClusterName = AdsCluster,
                    // Envoy's own longest wait is 30 s: too long to be without news after a restart of the control plane.
                    RetryPolicy = new RetryPolicy
                    {
                        RetryBackOff = new BackoffStrategy
                        {
                            BaseInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(200)),
                            MaxInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
                        },
                    },
                },
                InitialMetadata = { new HeaderValue { Key = "authorization", Value = token } },
            },
        },
    };

    /// <summary>No time-out for the first answer: an Envoy that waits serves nothing, one that goes on without would serve something else.</summary>
    private static ConfigSource Ads() => new()
    {
        Ads = new AggregatedConfigSource(),
        ResourceApiVersion = ApiVersion.V3,
        InitialFetchTimeout = new Duration(),
    };

    private static Cluster ControlPlaneCluster(IReadOnlyList<ControlPlaneAddress> controlPlanes) => new()
    {
        Name = AdsCluster,
        Type = controlPlanes.All(c => IPAddress.TryParse(c.Host, out _)) ? Cluster.Types.DiscoveryType.Static : Cluster.Types.DiscoveryType.StrictDns,
        // Each address of the name is tried in turn: localhost may mean ::1 first, where the control plane does not listen.
        DnsLookupFamily = Cluster.Types.DnsLookupFamily.All,
        // With the TLS handshake, which may have to wait for its turn when thousands of proxies connect at once; with several servers, the next is tried sooner.
        ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(controlPlanes.Count > 1 ? 5 : 20)),
        LoadAssignment = new ClusterLoadAssignment
        {
            ClusterName = AdsCluster,
            Endpoints = { new LocalityLbEndpoints { LbEndpoints = { controlPlanes.Select(c => new LbEndpoint { Endpoint = new Endpoint { Address = SocketAddressOf(c.Host, c.Port) } }) } } },
        },
        OutlierDetection = controlPlanes.Count > 1 ? GoingOnToAnother() : null,

        // A machine that vanished without a word is noticed within a minute, by the kernels.
        UpstreamConnectionOptions = new UpstreamConnectionOptions
        {
            TcpKeepalive = new TcpKeepalive { KeepaliveTime = 30, KeepaliveInterval = 10, KeepaliveProbes = 3 },
        },
        TransportSocket = new TransportSocket
        {
            Name = "envoy.transport_sockets.tls",
            TypedConfig = Any.Pack(new UpstreamTlsContext
            {
                Sni = controlPlanes.Select(c => c.Host).Distinct(StringComparer.OrdinalIgnoreCase).ToList() is [var host] && !IPAddress.TryParse(host, out _) ? host : "",
                CommonTlsContext = new CommonTlsContext
                {
                    TlsParams = new TlsParameters { TlsMinimumProtocolVersion = TlsParameters.Types.TlsProtocol.Tlsv12 },
                    AlpnProtocols = { "h2" },
                    ValidationContextSdsSecretConfig = new SdsSecretConfig { Name = TrustSecret },
                },
            }),
        },
        TypedExtensionProtocolOptions =
        {
            ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] = Any.Pack(new HttpProtocolOptions
            {
                ExplicitHttpConfig = new HttpProtocolOptions.Types.ExplicitHttpConfig
                {
                    Http2ProtocolOptions = new Http2ProtocolOptions
                    {
                        // A control plane that hangs is noticed, and another connection tried. Each ping costs the control plane a TLS record each way.
                        ConnectionKeepalive = new KeepaliveSettings
                        {
                            Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(controlPlanes.Count > 1 ? 10 : 60)),
                            Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(controlPlanes.Count > 1 ? 3 : 10)),
                        },
                    },
                },
            }),
        },
    };

    /// <summary>A server that does not answer, or answers that it cannot now, is left out for a while; unless all are, since then each is worth a try.</summary>
    private static OutlierDetection GoingOnToAnother() => new()
    {
        SplitExternalLocalOriginErrors = true,
        ConsecutiveLocalOriginFailure = 1,
        EnforcingConsecutiveLocalOriginFailure = 100,
        Consecutive5Xx = 3,
        EnforcingSuccessRate = 0,
        EnforcingLocalOriginSuccessRate = 0,
        Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
        BaseEjectionTime = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        MaxEjectionTime = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
        MaxEjectionPercent = 100,
    };

    /// <summary>Whichever of the servers answers has to be one of those that were named.</summary>
    private static Secret ControlPlaneTrust(IReadOnlyList<ControlPlaneAddress> controlPlanes, string trustPem) => new()
    {
        Name = TrustSecret,
        ValidationContext = new CertificateValidationContext
        {
            TrustedCa = new DataSource { InlineBytes = ByteString.CopyFromUtf8(trustPem) },
            MatchTypedSubjectAltNames =
            {
                controlPlanes.Select(c => c.Host).Distinct(StringComparer.OrdinalIgnoreCase).Select(host => new SubjectAltNameMatcher
                {
                    SanType = IPAddress.TryParse(host, out _) ? SubjectAltNameMatcher.Types.SanType.IpAddress : SubjectAltNameMatcher.Types.SanType.Dns,
                    Matcher = new StringMatcher { Exact = host },
                }),
            },
        },
    };

    private static Address SocketAddressOf(string host, int port) => new()
    {
        SocketAddress = new SocketAddress { Address = host, PortValue = (uint)port },
    };
}
