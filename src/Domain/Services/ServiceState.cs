using System.Text.Json.Serialization;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Services;

/// <summary>A service as its events made it.</summary>
public sealed record ServiceState
{
    public static readonly ServiceState Empty = new();

    /// <summary>By the proxy's name; only proxies that give it endpoints.</summary>
    public ValueList<ProxyEndpoints> Proxies { get; init; } = [];

    /// <summary>What all endpoints speak; what the last ones spoke when there are none; TCP when there never were any.</summary>
    public Protocol Protocol { get; init; } = Protocol.Tcp;

    /// <summary>By the proxy's name, then by port.</summary>
    [JsonIgnore]
    public ValueList<Endpoint> Endpoints => Proxies.SelectMany(p => p.Endpoints).ToValueList();
}

/// <summary>The endpoints that one proxy gives a service.</summary>
/// <param name="Proxy">The proxy's name.</param>
/// <param name="Endpoints">By port.</param>
public sealed record ProxyEndpoints(string Proxy, ValueList<Endpoint> Endpoints);
