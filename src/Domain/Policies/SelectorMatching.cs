using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Policies;

/// <summary>What a selector matches, and how well.</summary>
public static class SelectorMatching
{
    /// <summary>Whether every tag of the selector is there with its value; for <c>*</c> the tag has to be there with any.</summary>
    public static bool Matches(this Selector selector, TagSet tags) => selector.MatchesTogether(tags);

    /// <summary>Whether every tag of the selector is there, in some of the tag sets.</summary>
    public static bool MatchesTogether(this Selector selector, params ReadOnlySpan<TagSet> tagSets)
    {
        foreach (var (tag, value) in selector.Match)
        {
            var found = false;
            foreach (var tags in tagSets)
                found |= tags.TryGetValue(tag, out var actual) && (value == Selector.Any || value == actual);
            if (!found)
                return false;
        }

        return true;
    }

    /// <summary>How precise a selector is: the more the greater.</summary>
    public static SelectorRank Rank(this Selector selector)
        => new(selector.Match.Count, selector.Match.Count(t => t.Value != Selector.Any));
}

/// <summary>How precise a selector is: by the number of its tags, then by how many of them want one value and not any.</summary>
/// <remarks>Source: Kuma's <c>TagSelectorRank</c>.</remarks>
public readonly record struct SelectorRank(int Tags, int ExactValues) : IComparable<SelectorRank>
{
    public int CompareTo(SelectorRank other) => (Tags, ExactValues).CompareTo((other.Tags, other.ExactValues));

    public static bool operator <(SelectorRank a, SelectorRank b) => a.CompareTo(b) < 0;

    public static bool operator >(SelectorRank a, SelectorRank b) => a.CompareTo(b) > 0;

    public static bool operator <=(SelectorRank a, SelectorRank b) => a.CompareTo(b) <= 0;

    public static bool operator >=(SelectorRank a, SelectorRank b) => a.CompareTo(b) >= 0;
}
