namespace OrleansMesh.EventStore;

/// <summary>The end of the log as its followers may know it; they wait here for it to move.</summary>
internal sealed class LogEnd(long position)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _position = position;
    private volatile bool _closed;
    private volatile Exception? _failure;

    public long Position => Volatile.Read(ref _position);

    public bool IsClosed => _closed;

    /// <summary>Why nothing that follows can be shown any more; null while all is well.</summary>
    public Exception? Failure => _failure;

    /// <summary>Completes at the next advance, or closing, after it was read. Read it before <see cref="Position"/> and none is missed.</summary>
    public Task Advanced => Volatile.Read(ref _advanced).Task;

    /// <summary>Moves the end on, and never back, whoever tells of it first.</summary>
    public void AdvanceTo(long position)
    {
        lock (_gate)
        {
            if (position <= _position)
                return;
            Volatile.Write(ref _position, position);
        }

        Wake();
    }

    public void Close()
    {
        _closed = true;
        Wake();
    }

    public void Fail(Exception failure)
    {
        _failure ??= failure;
        Wake();
    }

    private void Wake() => Interlocked.Exchange(ref _advanced, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
