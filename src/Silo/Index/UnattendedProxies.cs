using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Silo.Index;

/// <summary>Which proxies somebody has to see to, by what the log says of them.</summary>
public static class UnattendedProxies
{
    /// <summary>Those whose connection is to that silo: it sees to them.</summary>
    public static IEnumerable<ProxyId> ConnectedTo(this IndexState state, string silo)
        => state.Proxies().Where(p => p.Proxy.State.Session is not null && p.Proxy.State.Silo == silo).Select(p => p.Id);

    /// <summary>Every silo that has a connection, as far as the log knows.</summary>
    public static IReadOnlySet<string> SilosWithConnections(this IndexState state)
        => state.Proxies().Where(p => p.Proxy.State.Session is not null).Select(p => p.Proxy.State.Silo).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// Those that no silo sees to, and of which something is left to do: their connection is to a silo that is no more, or they are away and their Dataplane
    /// is to go with them, or a service has other endpoints of them than they give it.
    /// </summary>
    /// <param name="living">The silos that are alive.</param>
    public static IReadOnlySet<ProxyId> Unattended(this IndexState state, IReadOnlySet<string> living)
    {
        ArgumentNullException.ThrowIfNull(living);
        var unattended = state.Proxies()
            .Where(p => p.Proxy.State.Session is null ? p.Proxy.State.IsEphemeral : !living.Contains(p.Proxy.State.Silo))
            .Select(p => p.Id)
            .ToHashSet();
        foreach (var (name, mesh) in state.Meshes)
            unattended.UnionWith(WithOtherEndpoints(mesh).Select(proxy => new ProxyId(name, proxy)));
        return unattended;
    }

    private static IEnumerable<(ProxyId Id, IndexedProxy Proxy)> Proxies(this IndexState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Meshes.SelectMany(mesh => mesh.Value.Proxies.Select(proxy => (new ProxyId(mesh.Key, proxy.Key), proxy.Value)));
    }

    private static IEnumerable<string> WithOtherEndpoints(IndexedMesh mesh)
    {
        foreach (var (name, proxy) in mesh.Proxies)
        {
            foreach (var (service, endpoints) in Domain.Proxies.OfferedEndpoints.Of(proxy.State))
            {
                var known = mesh.Services.GetValueOrDefault(service)?.State ?? ServiceState.Empty;
                if (ServiceDecider.Decide(new SetEndpoints(name, endpoints), known).Events.Count > 0)
                    yield return name;
            }
        }
    }
}
