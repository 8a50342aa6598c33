using Microsoft.Data.Sqlite;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>One transaction in the making: what the writes of a batch have added to the log so far. Forgotten when the commit fails.</summary>
internal sealed class CommitDraft
{
    private readonly WriterStatements _statements;
    private readonly EventChain _hash;
    private readonly Func<string, StreamHead> _published;
    private readonly Dictionary<string, StreamHead> _changed = new(StringComparer.Ordinal);
    private readonly byte[] _chain;

    public CommitDraft(WriterStatements statements, EventChain hash, Func<string, StreamHead> published, long position, ReadOnlySpan<byte> chain)
    {
        _statements = statements;
        _hash = hash;
        _published = published;
        Position = position;
        _chain = chain.ToArray();
    }

    public long Position { get; private set; }

    public ReadOnlySpan<byte> Chain => _chain;

    public Dictionary<string, StreamHead> Changed => _changed;

    /// <summary>True when a data key was overwritten, and its old form has to leave the write-ahead log.</summary>
    public bool DestroysKeys { get; private set; }

    /// <summary>True when the transaction writes anything.</summary>
    public bool IsDirty { get; private set; }

    public StreamHead Head(string stream) => _changed.TryGetValue(stream, out var head) ? head : _published(stream);

    public void Append(string stream, NewEvent added)
    {
        IsDirty = true;
        var position = Position + 1;
        var version = Head(stream).Version + 1;
        _hash.Link(_chain, position, stream, version, added, _chain);
        _statements.InsertEvent
            .Bind(1, position)
            .Bind(2, stream)
            .Bind(3, version)
            .Bind(4, added.Type)
            .Bind(5, added.Context.Actor)
            .Bind(6, added.Context.At.UtcTicks)
            .Bind(7, added.Context.Cause)
            .Bind(8, added.Data.Span)
            .Bind(9, _chain)
            .Run();
        _changed[stream] = new StreamHead(version, position);
        Position = position;
    }

    public void Save(StreamSnapshot snapshot)
    {
        IsDirty = true;
        _statements.SaveSnapshot
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
        var exists = _statements.FindKey.Bind(1, key.Id).Step();
        _statements.FindKey.Reset();
        if (exists)
            return false;
        IsDirty = true;
        _statements.PutKey.Bind(1, key.Id).Bind(2, key.KekId).Bind(3, key.Wrapped.Span).Run();
        return true;
    }

    public void Destroy(string keyId)
    {
        IsDirty = true;
        DestroysKeys = true;
        _statements.DestroyKey.Bind(1, keyId).Run();
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

    public Statement DestroyKey { get; } = new(connection, "UPDATE data_keys SET wrapped = zeroblob(length(wrapped)) WHERE id = ?1");

    public void Dispose()
    {
        Begin.Dispose();
        Commit.Dispose();
        InsertEvent.Dispose();
        SaveSnapshot.Dispose();
        FindKey.Dispose();
        PutKey.Dispose();
        DestroyKey.Dispose();
    }
}
