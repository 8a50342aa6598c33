using System.Diagnostics.Metrics;
using System.Text;

namespace OrleansMesh.Silo.Metrics;

/// <summary>The name that an instrument has in Prometheus.</summary>
internal static class MetricName
{
    private const string Prefix = "orleansmesh_";

    /// <summary>The instrument's name under our prefix, with its unit where that is a physical one, and <c>_total</c> for a counter, as
    /// Prometheus' naming conventions ask.</summary>
    public static string Of(Instrument instrument)
    {
        var name = new StringBuilder(Prefix);
        foreach (var c in instrument.Name)
            name.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_');
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!Ends(name, unit))
            name.Append(unit);
        if (instrument is Counter<long> or Counter<double> or Counter<int> or ObservableCounter<long> or ObservableCounter<double> && !Ends(name, "_total"))
            name.Append("_total");
        return name.ToString();
    }

    /// <summary>A label's name for a tag's key.</summary>
    public static string OfLabel(string key)
        => string.Concat(key.Select((c, i) => char.IsAsciiLetter(c) || c == '_' || (i > 0 && char.IsAsciiDigit(c)) ? c : '_'));

    private static bool Ends(StringBuilder name, string end)
        => name.Length >= end.Length && name.ToString(name.Length - end.Length, end.Length) == end;
}
