using System.Globalization;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Filter = Envoy.Config.Listener.V3.Filter;

namespace OrleansMesh.Load.Xds;

/// <summary>What a resource refers to.</summary>
internal readonly record struct Reference(ResourceType Type, string Name);

/// <summary>What a resource says, as far as a sidecar needs it to know what to ask for, and we to know whether it has everything.</summary>
/// <param name="References">Resources that Envoy asks for by name, and clusters that traffic is sent to.</param>
/// <param name="Address">Where a listener listens, as <c>{ip}:{port}</c>; otherwise null.</param>
/// <param name="Endpoints">The endpoints of a service, as <c>{ip}:{port}</c>; otherwise empty.</param>
internal sealed record ResourceContent(IReadOnlySet<Reference> References, string? Address, IReadOnlySet<string> Endpoints)
{
    public static ResourceContent Nothing { get; } = new(new HashSet<Reference>(), null, new HashSet<string>());

    /// <param name="body">A serialised <c>google.protobuf.Any</c>.</param>
    public static ResourceContent Of(ResourceType type, ReadOnlySpan<byte> body)
    {
        if (type == ResourceType.Secret || type == ResourceType.Extension)
            return Nothing;
        var any = Any.Parser.ParseFrom(body);
        var references = new HashSet<Reference>();
        if (type == ResourceType.Endpoints)
        {
            var endpoints = ClusterLoadAssignment.Parser.ParseFrom(any.Value).Endpoints
                .SelectMany(l => l.LbEndpoints).Select(e => Text(e.Endpoint.Address)).ToHashSet(StringComparer.Ordinal);
            return new(references, null, endpoints);
        }

        string? address = null;
        if (type == ResourceType.Listener)
        {
            var listener = Listener.Parser.ParseFrom(any.Value);
            address = Text(listener.Address);
            foreach (var chain in listener.FilterChains.Append(listener.DefaultFilterChain).OfType<FilterChain>())
            {
                Add(references, chain.TransportSocket);
                foreach (var filter in chain.Filters)
                    Add(references, filter);
            }
        }
        else if (type == ResourceType.Cluster)
        {
            Add(references, Cluster.Parser.ParseFrom(any.Value));
        }
        else
        {
            Add(references, RouteConfiguration.Parser.ParseFrom(any.Value));
        }

        return new(references, address, new HashSet<string>());
    }

    private static void Add(HashSet<Reference> references, Cluster cluster)
    {
        if (cluster.EdsClusterConfig is { } eds)
            references.Add(new(ResourceType.Endpoints, eds.ServiceName.Length > 0 ? eds.ServiceName : cluster.Name));
        Add(references, cluster.TransportSocket);
        foreach (var match in cluster.TransportSocketMatches)
            Add(references, match.TransportSocket);
    }

    private static void Add(HashSet<Reference> references, Filter filter)
    {
        if (filter.ConfigDiscovery is not null)
            references.Add(new(ResourceType.Extension, filter.Name));
        else if (Is(filter.TypedConfig, HttpConnectionManager.Parser, out var http))
            Add(references, http);
        else if (Is(filter.TypedConfig, TcpProxy.Parser, out var tcp))
            AddClusters(references, tcp.Cluster, tcp.WeightedClusters?.Clusters.Select(c => c.Name));
    }

    private static void Add(HashSet<Reference> references, HttpConnectionManager http)
    {
        if (http.Rds is { } rds)
            references.Add(new(ResourceType.Route, rds.RouteConfigName));
        if (http.RouteConfig is { } routes)
            Add(references, routes);
        foreach (var filter in http.HttpFilters.Where(f => f.ConfigDiscovery is not null))
            references.Add(new(ResourceType.Extension, filter.Name));
    }

    private static void Add(HashSet<Reference> references, RouteConfiguration routes)
    {
        foreach (var action in routes.VirtualHosts.SelectMany(h => h.Routes).Select(r => r.Route_).OfType<RouteAction>())
            AddClusters(references, action.Cluster, action.WeightedClusters?.Clusters.Select(c => c.Name));
    }

    private static void Add(HashSet<Reference> references, TransportSocket? socket)
    {
        CommonTlsContext? tls = null;
        if (Is(socket?.TypedConfig, DownstreamTlsContext.Parser, out var downstream))
            tls = downstream.CommonTlsContext;
        else if (Is(socket?.TypedConfig, UpstreamTlsContext.Parser, out var upstream))
            tls = upstream.CommonTlsContext;
        if (tls is null)
            return;
        foreach (var secret in tls.TlsCertificateSdsSecretConfigs)
            Add(references, secret);
        Add(references, tls.ValidationContextSdsSecretConfig);
        Add(references, tls.CombinedValidationContext?.ValidationContextSdsSecretConfig);
    }

    private static void Add(HashSet<Reference> references, SdsSecretConfig? secret)
    {
        // Without a source the secret is in the bootstrap.
        if (secret?.SdsConfig is not null)
            references.Add(new(ResourceType.Secret, secret.Name));
    }

    private static void AddClusters(HashSet<Reference> references, string only, IEnumerable<string>? several)
    {
        if (only.Length > 0)
            references.Add(new(ResourceType.Cluster, only));
        foreach (var cluster in several ?? [])
            references.Add(new(ResourceType.Cluster, cluster));
    }

    private static bool Is<T>(Any? any, MessageParser<T> parser, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>, new()
    {
        message = any?.TypeUrl.EndsWith("/" + Name<T>.Value, StringComparison.Ordinal) == true ? parser.ParseFrom(any.Value) : null;
        return message is not null;
    }

    private static string Text(Address address)
        => string.Create(CultureInfo.InvariantCulture, $"{address.SocketAddress.Address}:{address.SocketAddress.PortValue}");

    private static class Name<T>
        where T : IMessage, new()
    {
        public static string Value { get; } = new T().Descriptor.FullName;
    }
}
