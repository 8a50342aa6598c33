using OrleansMesh.EventStore;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Keeps the index up to date for as long as the server runs. What cannot be folded stops it: it would answer wrongly from then on.</summary>
internal sealed class IndexFollower(ResourceIndex index, IndexSnapshot snapshot, IEventStore store, ServerFailure failure) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await snapshot.FindAsync(store, stoppingToken) is { } kept)
                index.Restore(kept);
            await index.FollowAsync(store, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception e)
        {
            failure.Stop($"the event log cannot be folded after position {index.Current.Position}", e);
        }
    }
}
