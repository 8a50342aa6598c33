using System.Globalization;
using System.Text;

namespace OrleansMesh.Silo.Metrics;

/// <summary>Prometheus' text exposition format, version 0.0.4: metrics by name, series by labels, so the same values give the same text.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder();
        foreach (var family in metrics.GroupBy(m => m.Name, StringComparer.Ordinal).OrderBy(f => f.Key, StringComparer.Ordinal))
            WriteFamily(text, family.Key, [.. family]);
        return text.ToString();
    }

    // Instruments of one name are one metric: two instances of a class, each with its own meter, add up.
    private static void WriteFamily(StringBuilder text, string name, Metric[] metrics)
    {
        var first = metrics[0];
        var series = metrics.SelectMany(m => m.Series).GroupBy(s => s.Key, StringComparer.Ordinal).OrderBy(s => s.Key, StringComparer.Ordinal).ToArray();
        if (first.Help.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {first.Help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {KindName(first.Kind)}\n");
        foreach (var sameLabels in series)
        {
            var values = sameLabels.Select(s => s.Value.Read()).ToArray();
            if (first.Kind is MetricKind.Histogram)
                WriteHistogram(text, name, sameLabels.Key, first.Bounds, values);
            else
                WriteSample(text, name, sameLabels.Key, Number(values.Sum(v => v.Value)));
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, double[] bounds, (double Sum, long Count, long[] Buckets)[] values)
    {
        var separator = labels.Length > 0 ? "," : "";
        var upTo = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            upTo += values.Sum(v => v.Buckets[i]);
            WriteSample(text, name + "_bucket", $"{labels}{separator}le=\"{(i < bounds.Length ? Number(bounds[i]) : "+Inf")}\"", Number(upTo));
        }

        WriteSample(text, name + "_sum", labels, Number(values.Sum(v => v.Sum)));
        WriteSample(text, name + "_count", labels, Number(values.Sum(v => v.Count)));
    }

    private static void WriteSample(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string KindName(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };
}
