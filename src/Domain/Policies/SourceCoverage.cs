using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Policies;

/// <summary>Compares whom sources let in.</summary>
public static class SourceCoverage
{
    /// <summary>Whether there could be a client that the sources of before let in and those of after do not.</summary>
    /// <remarks>
    /// Exact, since tags can have endlessly many values: a selector that no single one of after covers matches tags with values that occur in none of
    /// them, and such tags nobody lets in any more.
    /// </remarks>
    public static bool Loses(ValueList<Selector> before, ValueList<Selector> after)
        => before.Any(old => !after.Any(selector => Covers(selector, old)));

    /// <summary>Whether everything that the narrow selector matches is matched by the wide one.</summary>
    public static bool Covers(Selector wide, Selector narrow)
    {
        foreach (var (tag, value) in wide.Match)
        {
            if (!narrow.Match.TryGetValue(tag, out var narrowValue) || (value != Selector.Any && value != narrowValue))
                return false;
        }

        return true;
    }
}
