using System.Collections.Concurrent;

namespace OrleansMesh.Silo.Metrics;

/// <summary>How a metric's values are to be read. The names are those of Prometheus' text format.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One metric: its series by their labels.</summary>
/// <param name="Bounds">Upper bounds of a histogram's buckets, ascending, without infinity.</param>
internal sealed record Metric(string Name, string Help, MetricKind Kind, double[] Bounds)
{
    /// <summary>By the labels as they are written, such as <c>type="x",variant="delta"</c>.</summary>
    public ConcurrentDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

    public Series WithLabels(string labels) => Series.GetOrAdd(labels, static (_, metric) => new Series(metric.Bounds), this);
}

/// <summary>The values of one metric under one set of labels.</summary>
internal sealed class Series(double[] bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private double _value;
    private long _count;

    public void Add(double amount)
    {
        lock (_lock)
            _value += amount;
    }

    public void Set(double value)
    {
        lock (_lock)
            _value = value;
    }

    public void Observe(double value)
    {
        var bucket = Array.BinarySearch(bounds, value);
        lock (_lock)
        {
            _buckets[bucket < 0 ? ~bucket : bucket]++;
            _value += value;
            _count++;
        }
    }

    /// <summary>The value; of a histogram the sum, the number of observations and those of each bucket alone.</summary>
    public (double Value, long Count, long[] Buckets) Read()
    {
        lock (_lock)
            return (_value, _count, [.. _buckets]);
    }
}
