using System.Collections.Concurrent;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Silo.Index;

/// <summary>What the services speak that proxies call, by what the log says of them.</summary>
public sealed class SpokenProtocols(IndexState state)
{
    // One object for all callers of a service: they are thousands.
    private readonly ConcurrentDictionary<(string Mesh, string Service), ServiceProtocol> _made = [];

    /// <summary>One for each service that the proxy calls; none where it has no Dataplane.</summary>
    public ValueList<ServiceProtocol> Of(ProxyId proxy)
    {
        if (!state.Meshes.TryGetValue(proxy.Mesh, out var mesh) || mesh.Proxies.GetValueOrDefault(proxy.Name)?.State.Dataplane is not { } dataplane)
            return [];
        return dataplane.Networking.Outbound
            .Select(outbound => outbound.Service)
            .Distinct(StringComparer.Ordinal)
            .Select(service => _made.GetOrAdd(
                (proxy.Mesh, service), static (key, services) => new(key.Service, services.GetValueOrDefault(key.Service)?.State.Protocol ?? Protocol.Tcp), mesh.Services))
            .ToValueList();
    }
}
