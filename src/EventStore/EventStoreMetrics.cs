using System.Diagnostics.Metrics;

namespace OrleansMesh.EventStore;

/// <summary>What a store measures, on the meter <see cref="MeterName"/>.</summary>
/// <remarks>
/// <c>eventstore.appends</c>: appends that were answered, by <c>outcome</c> (<c>committed</c>, <c>conflict</c>, <c>unavailable</c>, <c>cancelled</c>).
/// <c>eventstore.commits</c>: transactions made durable; each may hold many appends.
/// <c>eventstore.append.duration</c>: seconds from the call to its answer, of committed appends.
/// <c>eventstore.position</c>: position of the last committed event that this process knows of.
/// <c>eventstore.available</c>: 1 while the log can be reached, else 0.
/// </remarks>
public sealed class EventStoreMetrics : IDisposable
{
    public const string MeterName = "OrleansMesh.EventStore";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _appends;
    private readonly Counter<long> _commits;
    private readonly Histogram<double> _duration;

    internal EventStoreMetrics(Func<long> position, StoreAvailability availability)
    {
        _appends = _meter.CreateCounter<long>("eventstore.appends", "{append}", "Appends that were answered, by outcome.");
        _commits = _meter.CreateCounter<long>("eventstore.commits", "{commit}", "Transactions made durable.");
        _duration = _meter.CreateHistogram(
            "eventstore.append.duration",
            "s",
            "Time from an append's call to its acknowledgement.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
            });
        _meter.CreateObservableGauge("eventstore.position", position, "{event}", "Position of the last committed event.");
        _meter.CreateObservableGauge("eventstore.available", () => availability.Problem is null ? 1 : 0, null, "1 while the log can be reached, else 0.");
    }

    public void Dispose() => _meter.Dispose();

    internal void Commit() => _commits.Add(1);

    internal void Committed(TimeSpan duration)
    {
        _appends.Add(1, new KeyValuePair<string, object?>("outcome", "committed"));
        _duration.Record(duration.TotalSeconds);
    }

    internal void Refused(Exception exception) => _appends.Add(1, new KeyValuePair<string, object?>("outcome", exception switch
    {
        WrongExpectedVersionException => "conflict",
        OperationCanceledException => "cancelled",
        _ => "unavailable",
    }));
}
