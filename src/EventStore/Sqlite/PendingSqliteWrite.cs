using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>A write beside the log that goes with the same transaction as the appends.</summary>
internal abstract class PendingSqliteWrite : PendingWrite<bool>
{
    /// <summary>Adds itself to the transaction, or notes why it cannot be. Throws only when the database fails.</summary>
    public abstract void Stage(CommitDraft draft);

    /// <summary>True when its answer has to wait until the write-ahead log was scrubbed.</summary>
    public virtual bool AwaitsScrub => false;
}

internal sealed class PendingSnapshot(StreamSnapshot snapshot) : PendingSqliteWrite
{
    public override int Size => snapshot.Data.Length;

    public override void Stage(CommitDraft draft)
    {
        var version = draft.Head(snapshot.Stream).Version;
        if (snapshot.Version > version)
            Refuse(AppendValidation.SnapshotBeyond(snapshot, version));
        else
            draft.Save(snapshot);
    }
}

internal sealed class PendingKey(WrappedDataKey key) : PendingSqliteWrite
{
    public override int Size => key.Wrapped.Length;

    public override void Stage(CommitDraft draft)
    {
        if (!draft.TryPut(key))
            Refuse(AppendValidation.UsedKeyId(key.Id));
    }
}

/// <summary>True when what it replaces was still stored.</summary>
internal sealed class PendingKeyReplacement(WrappedDataKey old, WrappedDataKey rewrapped) : PendingSqliteWrite
{
    public override int Size => rewrapped.Wrapped.Length;

    public override bool AwaitsScrub => true;

    public override void Stage(CommitDraft draft) => Accept(draft.TryReplace(old, rewrapped));
}

internal sealed class PendingKeyDestruction(string id) : PendingSqliteWrite
{
    public override int Size => 0;

    public override bool AwaitsScrub => true;

    public override void Stage(CommitDraft draft) => draft.Destroy(id);
}
