using System.Diagnostics;

namespace OrleansMesh.EventStore.Bench;

/// <summary>What making 4 KiB durable costs on this disk: the floor under every acknowledged append.</summary>
internal static class FsyncCost
{
    private const int Count = 500;

    public static void Report(string directory)
    {
        using var file = new FileStream(Path.Combine(directory, "fsync"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        var times = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            Random.Shared.NextBytes(block);
            var started = Stopwatch.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        Console.WriteLine($"write of 4 KiB and fsync, appended: p50 {Percentile.Of(times, 50):F2} ms, p99 {Percentile.Of(times, 99):F2} ms, {1000 / times.Average():F0}/s");
    }
}
