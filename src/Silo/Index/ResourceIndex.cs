using OrleansMesh.EventStore;

namespace OrleansMesh.Silo.Index;

/// <summary>Answers every read: follows the log and folds it. One writer, any number of readers.</summary>
public sealed class ResourceIndex
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiters = new();
    private volatile IndexState _current = IndexState.Empty;
    private Exception? _failure;

    /// <summary>As of the last event that was folded.</summary>
    public IndexState Current => _current;

    /// <summary>How many wait for a position.</summary>
    internal int Waiting
    {
        get
        {
            lock (_lock)
                return _waiters.Count;
        }
    }

    /// <summary>The position from which on the log was folded; 0: from its start.</summary>
    public long Restored { get; private set; }

    /// <summary>Begins with an index that was kept, before the log is followed.</summary>
    public void Restore(IndexState kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        Restored = kept.Position;
        Advance(kept);
    }

    /// <summary>Folds the log, from its start or from what was restored, and goes on for as long as it grows.</summary>
    /// <param name="first">Sees each event before the index shows it.</param>
    /// <returns>Never, other than by an exception: cancellation, or that an event could not be folded, after which nothing more is.</returns>
    public async Task FollowAsync(IEventStore store, Action<RecordedEvent> first, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(first);
        try
        {
            await foreach (var recorded in store.FollowAsync(_current.Position, cancellationToken))
            {
                var next = IndexFold.Apply(_current, recorded);
                first(recorded);
                Advance(next);
            }

            throw new EventStoreUnavailableException("the event log ended");
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    /// <summary>Completes when the index includes the event at that position, so that whoever wrote it reads it.</summary>
    /// <exception cref="EventStoreUnavailableException">The index follows the log no more.</exception>
    public async Task WaitForAsync(long position, CancellationToken cancellationToken = default)
    {
        TaskCompletionSource waiter;
        lock (_lock)
        {
            if (_current.Position >= position)
                return;
            if (_failure is { } failure)
                throw Stopped(failure);
            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Enqueue(waiter, position);
        }

        try
        {
            await waiter.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The position may be one that never comes.
            lock (_lock)
                _waiters.Remove(waiter, out _, out _);
            throw;
        }
    }

    private void Advance(IndexState next)
    {
        lock (_lock)
        {
            _current = next;
            while (_waiters.TryPeek(out var waiter, out var position) && position <= next.Position)
            {
                _waiters.Dequeue();
                waiter.SetResult();
            }
        }
    }

    private void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure = failure;
            while (_waiters.TryDequeue(out var waiter, out _))
                waiter.SetException(Stopped(failure));
        }
    }

    private static EventStoreUnavailableException Stopped(Exception failure) => new("the index no longer follows the log", failure);
}
