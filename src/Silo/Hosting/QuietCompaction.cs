using System.Diagnostics;

namespace OrleansMesh.Silo.Hosting;

/// <summary>
/// Gives memory back to the machine when a burst of work is over: thousands of connects leave a heap with a fifth of it free, in pieces among what stays. Compacting
/// it stops the server for some hundred milliseconds per thousand megabytes of heap and more, so it is done when nothing happens, and once after each burst.
/// </summary>
internal sealed class QuietCompaction(TimeProvider time, ILogger<QuietCompaction> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var quiet = new QuietAfterBurst(GC.GetTotalAllocatedBytes(), Committed());
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!quiet.HasCome(GC.GetTotalAllocatedBytes(), Committed()))
                    continue;
                var began = Stopwatch.GetTimestamp();
                var before = Committed();
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                quiet.Compacted(GC.GetTotalAllocatedBytes(), Committed());
                logger.LogDebug("The heap went from {Before} to {After} bytes in {Elapsed}", before, Committed(), Stopwatch.GetElapsedTime(began));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private static long Committed() => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;
}
