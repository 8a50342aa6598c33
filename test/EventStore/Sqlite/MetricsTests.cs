using System.Diagnostics.Metrics;
using OrleansMesh.EventStore.Sqlite;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Sqlite;

public sealed class MetricsTests
{
    [Fact]
    public async Task Appends_latency_and_position_are_measured()
    {
        using var directory = new TemporaryDirectory();
        await using var store = await SqliteEventStore.OpenAsync(new() { Directory = directory.Path });
        var measured = new List<string>();
        using var listener = new MeterListener();
        // Other tests run stores of their own; only this flow of execution is listened to.
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "OrleansMesh.EventStore")
                self.EnableMeasurementEvents(instrument);
        };
        var mine = new AsyncLocal<bool> { Value = true };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (mine.Value)
                measured.Add($"{instrument.Name} {value}{string.Concat(tags.ToArray().Select(tag => $" {tag.Key}={tag.Value}"))}");
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (mine.Value)
                measured.Add($"{instrument.Name} {(value is > 0 and < 60 ? "seconds" : "nonsense")}");
        });
        listener.Start();

        await store.AppendAsync([To("a", 0, "1", "2", "3")]);
        await Assert.ThrowsAsync<WrongExpectedVersionException>(() => store.AppendAsync([To("a", 0, "4")]));
        listener.RecordObservableInstruments();

        Assert.Contains("eventstore.appends 1 outcome=committed", measured);
        Assert.Contains("eventstore.appends 1 outcome=conflict", measured);
        Assert.Contains("eventstore.append.duration seconds", measured);
        Assert.Contains("eventstore.position 3", measured);
    }
}
