using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>What durations may be.</summary>
internal static class DurationRules
{
    /// <summary>The duration, or null where it is absent or not one.</summary>
    public static MeshDuration? Duration(ObjectReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
            return null;
        if (MeshDurationText.TryParse(text, out var duration))
            return duration;
        reader.Report(name, "has to be a valid format: a number with a unit (y, w, d, h, m, s, ms) such as 24h, 1d or 10y");
        return null;
    }
}
