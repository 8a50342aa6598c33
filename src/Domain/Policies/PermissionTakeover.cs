using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Policies;

/// <summary>An inbound of some proxy.</summary>
public sealed record PlacedInbound(string Proxy, int Port, TagSet Tags);

/// <summary>An inbound that one permission governs instead of another.</summary>
/// <param name="Name">The permission that governs now.</param>
/// <param name="Instead">The permission that governed before; its sources no longer count there.</param>
public sealed record PermissionTakeover(PlacedInbound Inbound, string Name, string Instead)
{
    /// <summary>How many takeovers are told one by one.</summary>
    private const int MostWarnings = 5;

    /// <summary>The inbounds that another permission governs after than before, in ordinal order of the proxy's name, then of the port.</summary>
    public static ValueList<PermissionTakeover> Find(PermissionIndex before, PermissionIndex after, IEnumerable<PlacedInbound> inbounds)
    {
        var governing = new Dictionary<TagSet, (string? Before, string? After)>();
        var takeovers = new List<PermissionTakeover>();
        foreach (var inbound in inbounds)
        {
            if (!governing.TryGetValue(inbound.Tags, out var names))
                governing[inbound.Tags] = names = (before.Govern(inbound.Tags)?.Name, after.Govern(inbound.Tags)?.Name);
            if (names is (Before: { } old, After: { } now) && old != now)
                takeovers.Add(new PermissionTakeover(inbound, now, old));
        }

        return takeovers.OrderBy(t => t.Inbound.Proxy, StringComparer.Ordinal).ThenBy(t => t.Inbound.Port).ToValueList();
    }

    /// <summary>Tells an operator: the first few one by one, then how many more there are.</summary>
    public static ValueList<string> Warnings(ValueList<PermissionTakeover> takeovers)
    {
        var told = takeovers.Take(MostWarnings).Select(t => t.ToString());
        var more = takeovers.Count - MostWarnings;
        return (more > 0 ? told.Append($"and {more} more inbounds are now governed by another permission than before") : told).ToValueList();
    }

    public override string ToString()
        => $"permission '{Name}' now governs inbound {Inbound.Port} of proxy '{Inbound.Proxy}' (service {Inbound.Tags.Service}) instead of '{Instead}'; "
            + $"the sources of '{Instead}' no longer count there";
}
