using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansMesh.Silo.Metrics;

/// <summary>Collects what the control plane's own meters measure: those whose name starts with <c>OrleansMesh.</c></summary>
public sealed class MetricsCollector : IDisposable
{
    private const string MeterPrefix = "OrleansMesh.";

    // Where an instrument gives no advice: seconds, from half a millisecond to ten.
    private static readonly double[] DefaultBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<Instrument, Metric> _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _reading = new();

    /// <param name="accepts">Which meters to collect; null: all of the control plane's.</param>
    public MetricsCollector(Predicate<Meter>? accepts = null)
    {
        accepts ??= static meter => meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!accepts(instrument.Meter))
                return;
            _metrics[instrument] = Describe(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.MeasurementsCompleted = (instrument, _) => _metrics.TryRemove(instrument, out Metric? _);
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The present values in Prometheus' text format, version 0.0.4.</summary>
    public string Write()
    {
        lock (_reading)
        {
            foreach (var (instrument, metric) in _metrics)
            {
                // A series that an observable instrument no longer reports is gone.
                if (instrument.IsObservable)
                    metric.Series.Clear();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_metrics.Values);
        }
    }

    public void Dispose() => _listener.Dispose();

    private static Metric Describe(Instrument instrument) => new(
        MetricName.Of(instrument),
        instrument.Description ?? "",
        instrument switch
        {
            Counter<long> or Counter<int> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => MetricKind.Counter,
            Histogram<long> or Histogram<int> or Histogram<double> => MetricKind.Histogram,
            _ => MetricKind.Gauge,
        },
        instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBounds,
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToArray() ?? DefaultBounds,
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToArray() ?? DefaultBounds,
            _ => [],
        });

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_metrics.TryGetValue(instrument, out var metric))
            return;
        var series = metric.WithLabels(MetricLabels.Write(tags));
        if (metric.Kind is MetricKind.Histogram)
            series.Observe(value);
        else if (instrument.IsObservable || instrument is Gauge<long> or Gauge<double> or Gauge<int>)
            series.Set(value);
        else
            series.Add(value);
    }
}
