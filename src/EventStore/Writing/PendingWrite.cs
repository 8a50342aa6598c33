namespace OrleansMesh.EventStore.Writing;

/// <summary>A write that waits for the writer. It is either taken by the writer or withdrawn by its caller, never both.</summary>
internal abstract class PendingWrite
{
    private int _claimed;

    /// <summary>Bytes that it adds, about.</summary>
    public abstract int Size { get; }

    /// <summary>True for exactly one of the writer and the caller that cancels.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    /// <summary>Answers the caller: what was staged is durable.</summary>
    public abstract void Acknowledge();

    public abstract void Fail(Exception exception);
}

/// <summary>A write with an answer of type <typeparamref name="T"/>.</summary>
internal abstract class PendingWrite<T> : PendingWrite
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _refusal;

    public Task<T> Answer => _answer.Task;

    public void Cancel(CancellationToken cancellationToken)
    {
        if (TryClaim())
            _answer.TrySetCanceled(cancellationToken);
    }

    public override void Acknowledge()
    {
        if (_refusal is null)
            _answer.TrySetResult(_result!);
        else
            _answer.TrySetException(_refusal);
    }

    public override void Fail(Exception exception) => _answer.TrySetException(exception);

    protected void Accept(T result) => (_result, _refusal) = (result, null);

    protected void Refuse(Exception refusal) => _refusal = refusal;
}
