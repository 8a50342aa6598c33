using System.Runtime.CompilerServices;
using OrleansMesh.EventStore;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>A store that fails where a test wants it to.</summary>
internal sealed class FaultyStore(IEventStore inner) : IEventStore
{
    private int _reads;

    /// <summary>Appends to streams for which this holds fail, and append nothing.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    /// <summary>Appends to streams for which this holds are stored, and yet fail.</summary>
    public Func<string, bool> ForgetsToAnswer { get; set; } = _ => false;

    /// <summary>Comes before an append to a stream.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Reads of streams for which this holds give one event and then fail.</summary>
    public Func<string, bool> BreaksOff { get; set; } = _ => false;

    public int Appends { get; private set; }

    /// <summary>How often a stream was read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Events that were read of streams.</summary>
    public int StreamEventsRead { get; private set; }

    public async Task<AppendResult> AppendAsync(IReadOnlyList<StreamAppend> appends, CancellationToken cancellationToken = default)
    {
        foreach (var append in appends)
            await Before(append.Stream);
        if (appends.Any(a => Refuses(a.Stream)))
            throw new EventStoreUnavailableException("the test has the disk fail");
        var result = await inner.AppendAsync(appends, cancellationToken);
        Appends++;
        return appends.Any(a => ForgetsToAnswer(a.Stream)) ? throw new EventStoreUnavailableException("the test has the answer fail") : result;
    }

    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream, long afterVersion = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _reads);
        await foreach (var recorded in inner.ReadStreamAsync(stream, afterVersion, cancellationToken))
        {
            StreamEventsRead++;
            yield return recorded;
            if (BreaksOff(stream))
                throw new EventStoreUnavailableException("the test has the read fail");
        }
    }

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(long afterPosition = 0, CancellationToken cancellationToken = default)
        => inner.ReadAllAsync(afterPosition, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> FollowAsync(long afterPosition = 0, CancellationToken cancellationToken = default)
        => inner.FollowAsync(afterPosition, cancellationToken);

    public ValueTask<long> HeadAsync(CancellationToken cancellationToken = default) => inner.HeadAsync(cancellationToken);

    public IAsyncEnumerable<StreamInfo> ListStreamsAsync(string prefix = "", CancellationToken cancellationToken = default)
        => inner.ListStreamsAsync(prefix, cancellationToken);

    public Task SaveSnapshotAsync(StreamSnapshot snapshot, CancellationToken cancellationToken = default)
        => inner.SaveSnapshotAsync(snapshot, cancellationToken);

    public Task<StreamSnapshot?> ReadSnapshotAsync(string stream, int schema, CancellationToken cancellationToken = default)
        => inner.ReadSnapshotAsync(stream, schema, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
