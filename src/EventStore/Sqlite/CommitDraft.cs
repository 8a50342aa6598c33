using Microsoft.Data.Sqlite;
using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>One transaction in the making: what the writes of a batch have added to the log so far. Forgotten when the commit fails.</summary>
internal sealed class CommitDraft(
    WriterStatements statements, EventChain hash, Func<string, StreamHead> published, long position, ReadOnlySpan<byte> chain)
    : EventDraft(hash, position, chain)
{
    /// <summary>True when a data key may have been overwritten, and its old form has to leave the write-ahead log.</summary>
    public bool OverwritesKeys { get; private set; }

    /// <summary>True when the transaction writes anything.</summary>
    public bool IsDirty { get; private set; }

    public void Save(StreamSnapshot snapshot)
    {
        IsDirty = true;
        statements.SaveSnapshot
            .Bind(1, snapshot.Stream)
            .Bind(2, snapshot.Schema)
            .Bind(3, snapshot.Version)
            .Bind(4, snapshot.Data.Span)
            .Bind(5, SnapshotChecksum.Of(snapshot))
            .Run();
    }

    /// <summary>False when there is, or was, a key of that identity.</summary>
    public bool TryPut(WrappedDataKey key)
    {
        var exists = statements.FindKey.Bind(1, key.Id).Step();
        statements.FindKey.Reset();
        if (exists)
            return false;
        IsDirty = true;
        statements.PutKey.Bind(1, key.Id).Bind(2, key.KekId).Bind(3, key.Wrapped.Span).Run();
        return true;
    }

    /// <summary>False when another one than <paramref name="old"/> is stored, or none any more.</summary>
    public bool TryReplace(WrappedDataKey old, WrappedDataKey rewrapped)
    {
        // Also where nothing is: the answer waits for the scrub.
        OverwritesKeys = true;
        var isStored = statements.FindSameKey.Bind(1, old.Id).Bind(2, old.KekId).Bind(3, old.Wrapped.Span).Step();
        statements.FindSameKey.Reset();
        if (!isStored)
            return false;
        IsDirty = true;
        statements.ReplaceKey.Bind(1, old.Id).Bind(2, rewrapped.KekId).Bind(3, rewrapped.Wrapped.Span).Run();
        return true;
    }

    public void Destroy(string keyId)
    {
        IsDirty = true;
        OverwritesKeys = true;
        statements.DestroyKey.Bind(1, keyId).Run();
    }

    protected override StreamHead Committed(string stream) => published(stream);

    protected override void Write(long position, string stream, long version, NewEvent added, ReadOnlySpan<byte> link)
    {
        IsDirty = true;
        statements.InsertEvent
            .Bind(1, position)
            .Bind(2, stream)
            .Bind(3, version)
            .Bind(4, added.Type)
            .Bind(5, added.Context.Actor)
            .Bind(6, added.Context.At.UtcTicks)
            .Bind(7, added.Context.Cause)
            .Bind(8, added.Data.Span)
            .Bind(9, link)
            .Run();
    }
}

/// <summary>The writer's prepared statements.</summary>
internal sealed class WriterStatements(SqliteConnection connection) : IDisposable
{
    public Statement Begin { get; } = new(connection, "BEGIN IMMEDIATE");

    public Statement Commit { get; } = new(connection, "COMMIT");

    public Statement InsertEvent { get; } = new(
        connection,
        "INSERT INTO events (position, stream, version, type, actor, at, cause, data, chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

    public Statement SaveSnapshot { get; } = new(
        connection,
        """
        INSERT INTO snapshots (stream, schema, version, data, checksum) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (stream, schema) DO UPDATE SET version = excluded.version, data = excluded.data, checksum = excluded.checksum
        WHERE excluded.version >= version
        """);

    public Statement FindKey { get; } = new(connection, "SELECT 1 FROM data_keys WHERE id = ?1");

    public Statement PutKey { get; } = new(connection, "INSERT INTO data_keys (id, kek_id, wrapped) VALUES (?1, ?2, ?3)");

    public Statement FindSameKey { get; } = new(connection, "SELECT 1 FROM data_keys WHERE id = ?1 AND kek_id = ?2 AND wrapped = ?3");

    public Statement ReplaceKey { get; } = new(connection, "UPDATE data_keys SET kek_id = ?2, wrapped = ?3 WHERE id = ?1");

    public Statement DestroyKey { get; } = new(connection, "UPDATE data_keys SET wrapped = zeroblob(length(wrapped)) WHERE id = ?1");

    public void Dispose()
    {
        Begin.Dispose();
        Commit.Dispose();
        InsertEvent.Dispose();
        SaveSnapshot.Dispose();
        FindKey.Dispose();
        PutKey.Dispose();
        FindSameKey.Dispose();
        ReplaceKey.Dispose();
        DestroyKey.Dispose();
    }
}
