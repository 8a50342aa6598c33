namespace OrleansMesh.Load.Reporting;

/// <summary>Milliseconds over every receiver. A percentile is the nearest rank: a value that was measured, none between two.</summary>
internal sealed record LatencySummary(int Count, double P50, double P99, double Max)
{
    /// <summary>Null when nothing was measured.</summary>
    public static LatencySummary? Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return sorted.Length == 0 ? null : new(sorted.Length, Rank(sorted, 0.50), Rank(sorted, 0.99), sorted[^1]);
    }

    private static double Rank(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
