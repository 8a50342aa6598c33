using System.Text.Json.Serialization;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>A proxy beside a workload: what it serves and what it calls.</summary>
public sealed record Dataplane(string Mesh, string Name, DataplaneNetworking Networking) : IResource
{
    /// <summary>Labels as the client gave them.</summary>
    public TagSet Labels { get; init; } = TagSet.Empty;

    ResourceType IResource.Type => ResourceTypes.Dataplane;
}

/// <summary>A proxy's addresses.</summary>
/// <param name="Address">The IP address on which it listens and under which other proxies reach it.</param>
public sealed record DataplaneNetworking(string Address, ValueList<Inbound> Inbound, ValueList<Outbound> Outbound)
{
    /// <summary>The IP address under which other proxies reach it, where that differs from <see cref="Address"/>.</summary>
    public string? AdvertisedAddress { get; init; }

    public EnvoyAdmin? Admin { get; init; }
}

/// <summary>A port of the workload, behind the proxy.</summary>
/// <param name="Port">The port on which the proxy listens.</param>
/// <param name="Tags">Always with <c>kuma.io/service</c>.</param>
public sealed record Inbound(int Port, TagSet Tags)
{
    /// <summary>The proxy's address for this port, where it differs from the proxy's.</summary>
    public string? Address { get; init; }

    /// <summary>The workload's port; the same as <see cref="Port"/> when it is not given.</summary>
    public int? ServicePort { get; init; }

    /// <summary>The workload's address; 127.0.0.1 when it is not given.</summary>
    public string? ServiceAddress { get; init; }

    /// <summary>The port's name.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the workload takes traffic; it does when this is not given.</summary>
    public InboundHealth? Health { get; init; }

    /// <summary>Whether other proxies may send it traffic now.</summary>
    [JsonIgnore]
    public bool IsReady => Health?.Ready ?? true;

    [JsonIgnore]
    public string Service => Tags[TagSet.ServiceTag];

    [JsonIgnore]
    public Protocol Protocol => Protocols.Of(Tags);
}

/// <summary>An inbound's health as its orchestrator sees it.</summary>
public sealed record InboundHealth(bool Ready);

/// <summary>A service that the workload calls, by a port of its own proxy.</summary>
/// <param name="Port">The port on which the proxy listens for the workload.</param>
/// <param name="Tags">The destination: <c>kuma.io/service</c>, and further tags that its endpoints must have.</param>
public sealed record Outbound(int Port, TagSet Tags)
{
    /// <summary>The address on which the proxy listens for the workload; 127.0.0.1 when it is not given.</summary>
    public string? Address { get; init; }

    [JsonIgnore]
    public string Service => Tags[TagSet.ServiceTag];
}

/// <summary>Envoy's administration interface.</summary>
/// <param name="Port">On loopback only.</param>
public sealed record EnvoyAdmin(int Port);
