using System.Diagnostics;
using System.Text;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore.Bench;

/// <summary>How long opening a log takes, which reads and proves every event of it, and how fast its events are read and followed.</summary>
internal static class VerifyRate
{
    private const int Streams = 5000;
    private const int Batch = 1000;

    public static async Task ReportAsync(string directory, int events)
    {
        var options = new SqliteEventStoreOptions { Directory = Path.Combine(directory, "verify") };
        var data = Encoding.UTF8.GetBytes($"{{\"type\":\"Dataplane\",\"spec\":\"{new string('x', 270)}\"}}");
        await using (var store = await SqliteEventStore.OpenAsync(options))
        {
            var versions = new long[Streams];
            for (var done = 0; done < events; done += Batch)
            {
                var appends = new List<StreamAppend>();
                for (var i = 0; i < Batch; i++)
                {
                    var stream = (done + i) % Streams;
                    appends.Add(new StreamAppend(
                        $"service/default/service-{stream}",
                        versions[stream]++,
                        [new NewEvent("EndpointAdded", data, new EventContext("proxy:default/web", DateTimeOffset.UtcNow))]));
                }

                await store.AppendAsync(appends);
            }
        }

        var size = new FileInfo(Path.Combine(options.Directory, "events.db")).Length / (1024.0 * 1024);
        var started = Stopwatch.GetTimestamp();
        await using var opened = await SqliteEventStore.OpenAsync(options);
        var verified = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"open and verify {events:N0} events ({size:F0} MiB): {verified:F2} s, {events / verified:N0}/s");

        started = Stopwatch.GetTimestamp();
        var count = 0;
        await foreach (var _ in opened.ReadAllAsync())
            count++;
        var read = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"read {count:N0} events: {read:F2} s, {count / read:N0}/s");
    }
}
