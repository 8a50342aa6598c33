using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;

namespace OrleansMesh.EventStore.Bench;

/// <summary>Acknowledged appends of one event of about 300 bytes, each writer waiting for its answer before its next append.</summary>
internal static class AppendRate
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($"{{\"type\":\"Dataplane\",\"spec\":\"{new string('x', 270)}\"}}");

    /// <param name="open">Opens the log of a name.</param>
    public static async Task ReportAsync(Func<string, Task<IEventStore>> open)
    {
        Console.WriteLine("writers   appends/s   appends/commit   p50 ms   p99 ms");
        foreach (var writers in new[] { 1, 8, 64 })
            await ReportAsync(open, writers);
    }

    private static async Task ReportAsync(Func<string, Task<IEventStore>> open, int writers)
    {
        var commits = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is { Name: "eventstore.commits", Meter.Name: EventStoreMetrics.MeterName })
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref commits, count));
        listener.Start();

        await using var store = await open($"append-{writers}");
        // Streams of their own in each run, since a database stays.
        var run = Guid.NewGuid().ToString("N");
        await RunAsync(store, $"warm-up/{run}", writers, TimeSpan.FromSeconds(1));
        Interlocked.Exchange(ref commits, 0);
        var started = Stopwatch.GetTimestamp();
        var times = await RunAsync(store, $"bench/{run}", writers, Duration);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Array.Sort(times);
        Console.WriteLine(
            $"{writers,7}   {times.Length / elapsed,9:F0}   {(double)times.Length / commits,14:F1}   {Percentile.Of(times, 50),6:F2}   {Percentile.Of(times, 99),6:F2}");
    }

    private static async Task<double[]> RunAsync(IEventStore store, string prefix, int writers, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var times = new List<double>();
            for (var version = 0L; Stopwatch.GetElapsedTime(started) < duration; version++)
            {
                var asked = Stopwatch.GetTimestamp();
                await store.AppendAsync([new StreamAppend(
                    $"{prefix}/{writer}", version, [new NewEvent("Appended", Data, new EventContext("system", DateTimeOffset.UtcNow))])]);
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }

            return times;
        })));
        return [.. all.SelectMany(static times => times)];
    }
}
