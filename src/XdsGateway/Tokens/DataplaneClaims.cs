using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>What a verified dataplane token says of its bearer. Source of the claims and their meaning: Kuma's dataplane tokens.</summary>
/// <param name="Name">The proxy's name; empty: any proxy of the mesh.</param>
/// <param name="Type">The kind of proxy; empty means <c>dataplane</c>.</param>
/// <param name="Tags">For each tag that it names, the values that the proxy's inbounds may have; the proxy must have the tag.</param>
public sealed record DataplaneClaims(string Name, string Mesh, string Type, IReadOnlyDictionary<string, IReadOnlyList<string>> Tags)
{
    /// <summary>The token that says so; null where it was not verified.</summary>
    public TokenIdentity? Token { get; init; }

    /// <summary>Why the bearer may not be this proxy with this Dataplane; null when it may. For the log, not for the bearer.</summary>
    public string? Contradiction(ProxyId proxy, Dataplane dataplane)
    {
        if (Mesh != proxy.Mesh)
            return $"the token is for mesh '{Mesh}', the proxy says '{proxy.Mesh}'";
        if (Name.Length > 0 && Name != proxy.Name)
            return $"the token is for proxy '{Name}', the proxy says '{proxy.Name}'";
        if (Type is not ("" or "dataplane"))
            return $"the token is for a proxy of type '{Type}', not 'dataplane'";
        if (dataplane.Mesh != proxy.Mesh || dataplane.Name != proxy.Name)
            return $"the Dataplane is '{dataplane.Mesh}/{dataplane.Name}', the proxy says '{proxy}'";
        foreach (var (tag, allowed) in Tags.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var values = dataplane.Networking.Inbound.Select(i => i.Tags).Where(t => t.ContainsKey(tag)).Select(t => t[tag]).ToArray();
            if (values.Length == 0)
                return $"the token requires the tag '{tag}', which no inbound has";
            if (values.FirstOrDefault(v => !allowed.Contains(v, StringComparer.Ordinal)) is { } other)
                return $"the token allows {tag} = {string.Join(" | ", allowed)}, an inbound has '{other}'";
        }

        return null;
    }
}
