using System.Diagnostics;
using System.Text;

namespace OrleansMesh.EventStore.Bench;

/// <summary>How long opening a log takes, which SQLite's reads and proves as a whole, and how fast its events are read and proved.</summary>
internal static class VerifyRate
{
    private const int Streams = 5000;
    private const int Batch = 1000;

    /// <param name="open">Opens the log of a name.</param>
    public static async Task ReportAsync(Func<string, Task<IEventStore>> open, int events)
    {
        var run = Guid.NewGuid().ToString("N");
        var before = 0L;
        var data = Encoding.UTF8.GetBytes($"{{\"type\":\"Dataplane\",\"spec\":\"{new string('x', 270)}\"}}");
        await using (var store = await open("verify"))
        {
            before = await store.HeadAsync();
            var versions = new long[Streams];
            for (var done = 0; done < events; done += Batch)
            {
                var appends = new List<StreamAppend>();
                for (var i = 0; i < Batch; i++)
                {
                    var stream = (done + i) % Streams;
                    appends.Add(new StreamAppend(
                        $"service/{run}/service-{stream}",
                        versions[stream]++,
                        [new NewEvent("EndpointAdded", data, new EventContext("proxy:default/web", DateTimeOffset.UtcNow))]));
                }

                await store.AppendAsync(appends);
            }
        }

        var started = Stopwatch.GetTimestamp();
        await using var opened = await open("verify");
        var verified = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"open a log of {before + events:N0} events: {verified:F2} s");

        started = Stopwatch.GetTimestamp();
        var count = 0;
        await foreach (var _ in opened.ReadAllAsync())
            count++;
        var read = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"read and prove {count:N0} events: {read:F2} s, {count / read:N0}/s");
    }
}
