using System.Threading.Channels;

namespace OrleansMesh.EventStore.Writing;

/// <summary>Where writes wait for the one writer, which takes all that wait at once, up to a batch.</summary>
internal sealed class WriteQueue(int capacity, string owner)
{
    private const int BatchWrites = 1024;
    private const int BatchBytes = 8 * 1024 * 1024;

    private readonly Channel<PendingWrite> _waiting = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(capacity) { SingleReader = true });

    /// <summary>Queues the write and waits for its answer. When it is cancelled, nothing was written: from the moment that the writer has
    /// taken the write, cancellation comes too late and is ignored.</summary>
    /// <exception cref="ObjectDisposedException">The queue was closed.</exception>
    public async Task<T> WriteAsync<T>(PendingWrite<T> write, CancellationToken cancellationToken)
    {
        try
        {
            await _waiting.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(owner);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingWrite<T>)state!).Cancel(token), write).ConfigureAwait(false);
        return await write.Answer.ConfigureAwait(false);
    }

    /// <summary>Waits until something waits; false when nothing does and the queue is closed.</summary>
    public ValueTask<bool> WaitAsync() => _waiting.Reader.WaitToReadAsync();

    /// <summary>Takes what waits, for the writer alone; what was cancelled is left out.</summary>
    public void TakeBatch(List<PendingWrite> batch)
    {
        batch.Clear();
        var bytes = 0L;
        while (batch.Count < BatchWrites && bytes < BatchBytes && _waiting.Reader.TryRead(out var write))
        {
            if (!write.TryClaim())
                continue;
            batch.Add(write);
            bytes += write.Size;
        }
    }

    /// <summary>Takes no more writes; those that wait are still to be written.</summary>
    public void Close() => _waiting.Writer.TryComplete();
}
