using OrleansMesh.EventStore;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Keeps the index on disk from time to time while the log grows, and when the server stops.</summary>
internal sealed class IndexKeeper(ResourceIndex index, IndexSnapshot snapshot, IEventStore store, Readiness readiness, TimeProvider time) : BackgroundService
{
    /// <summary>Folding fewer events again is not worth a file.</summary>
    internal const int WorthKeeping = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Each keeping writes the whole index, so it waits for the log to grow by a tenth.
    private const double Growth = 1.1;

    private long _kept;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (readiness.WhenReady.IsCompletedSuccessfully && index.Current is var last && last.Position >= _kept + WorthKeeping)
            await snapshot.KeepAsync(last, store, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.WhenReady.WaitAsync(stoppingToken);
            _kept = index.Restored;
            using var timer = new PeriodicTimer(Interval, time);
            do
            {
                if (index.Current is var now && now.Position >= Math.Max(_kept * Growth, _kept + WorthKeeping))
                {
                    await snapshot.KeepAsync(now, store, stoppingToken);
                    _kept = now.Position;
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
