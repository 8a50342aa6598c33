namespace OrleansMesh.EventStore.Sqlite;

/// <summary>A write that waits for the writer. It is either taken by the writer or withdrawn by its caller, never both.</summary>
internal abstract class PendingWrite
{
    private int _claimed;

    /// <summary>Bytes that it adds, about.</summary>
    public abstract int Size { get; }

    /// <summary>True for exactly one of the writer and the caller that cancels.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    /// <summary>Adds itself to the transaction, or notes why it cannot be. Throws only when the database fails.</summary>
    public abstract void Stage(CommitDraft draft);

    /// <summary>True when its answer has to wait until the write-ahead log was scrubbed.</summary>
    public virtual bool AwaitsScrub => false;

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

    protected void Accept(T result) => _result = result;

    protected void Refuse(Exception refusal) => _refusal = refusal;
}

internal sealed class PendingAppend(IReadOnlyList<StreamAppend> appends, int size) : PendingWrite<AppendResult>
{
    public override int Size => size;

    public override void Stage(CommitDraft draft)
    {
        foreach (var append in appends)
        {
            var actual = draft.Head(append.Stream).Version;
            if (actual != append.ExpectedVersion)
            {
                Refuse(new WrongExpectedVersionException(append.Stream, append.ExpectedVersion, actual));
                return;
            }
        }

        var first = draft.Position + 1;
        foreach (var append in appends)
        {
            foreach (var added in append.Events)
                draft.Append(append.Stream, added);
        }

        Accept(new AppendResult(first, draft.Position));
    }
}

internal sealed class PendingSnapshot(StreamSnapshot snapshot) : PendingWrite<bool>
{
    public override int Size => snapshot.Data.Length;

    public override void Stage(CommitDraft draft)
    {
        var version = draft.Head(snapshot.Stream).Version;
        if (snapshot.Version > version)
            Refuse(new ArgumentException($"snapshot.version: at most {version}, the version of stream '{snapshot.Stream}', is expected, it is {snapshot.Version}"));
        else
            draft.Save(snapshot);
    }
}

internal sealed class PendingKey(WrappedDataKey key) : PendingWrite<bool>
{
    public override int Size => key.Wrapped.Length;

    public override void Stage(CommitDraft draft)
    {
        if (!draft.TryPut(key))
            Refuse(new ArgumentException($"key.id: an identity that was never used is expected, '{key.Id}' was"));
    }
}

internal sealed class PendingKeyDestruction(string id) : PendingWrite<bool>
{
    public override int Size => 0;

    public override bool AwaitsScrub => true;

    public override void Stage(CommitDraft draft) => draft.Destroy(id);
}
