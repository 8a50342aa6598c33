using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Policies;

/// <summary>
/// Which one permission governs an inbound, as in Kuma: of those with a destination selector that matches the inbound's tags, the one whose best
/// such selector has the most tags, then the most exact values, then the one created last, then the first by name. Its sources alone decide.
/// </summary>
public static class PermissionMatching
{
    /// <summary>The permission that governs an inbound with these tags; null: none does, and nobody may call.</summary>
    /// <param name="permissions">Permissions of one mesh: their names differ.</param>
    public static GoverningPermission? Govern(TagSet inbound, IEnumerable<PlacedPermission> permissions)
    {
        var matching = new List<(PlacedPermission Placed, SelectorRank Rank)>();
        foreach (var placed in permissions)
        {
            if (BestRank(placed.Permission.Destinations, inbound) is { } rank)
                matching.Add((placed, rank));
        }

        if (matching.Count == 0)
            return null;
        matching.Sort(static (a, b) => Compare(a, b));
        var best = matching[0].Placed.Permission;
        return new GoverningPermission(best.Name, best.Sources, matching.Skip(1).Select(m => m.Placed.Permission.Name).ToValueList());
    }

    /// <summary>Whether a client may call where the permission governs.</summary>
    /// <param name="permission">Null: no permission governs, and nobody may.</param>
    /// <param name="client">The tags of each of the client's inbounds: they are its identity all together.</param>
    public static bool Allows(GoverningPermission? permission, params ReadOnlySpan<TagSet> client)
    {
        if (permission is null)
            return false;
        foreach (var source in permission.Sources)
        {
            if (source.MatchesTogether(client))
                return true;
        }

        return false;
    }

    private static SelectorRank? BestRank(ValueList<Selector> destinations, TagSet inbound)
    {
        SelectorRank? best = null;
        foreach (var selector in destinations)
        {
            if (selector.Matches(inbound) && (best is null || selector.Rank() > best))
                best = selector.Rank();
        }

        return best;
    }

    private static int Compare((PlacedPermission Placed, SelectorRank Rank) a, (PlacedPermission Placed, SelectorRank Rank) b)
    {
        var byRank = b.Rank.CompareTo(a.Rank);
        if (byRank != 0)
            return byRank;
        var byAge = b.Placed.Created.CompareTo(a.Placed.Created);
        return byAge != 0 ? byAge : string.CompareOrdinal(a.Placed.Permission.Name, b.Placed.Permission.Name);
    }
}
