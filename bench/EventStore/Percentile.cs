namespace OrleansMesh.EventStore.Bench;

internal static class Percentile
{
    public static double Of(double[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
}
