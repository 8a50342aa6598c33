using Microsoft.Data.Sqlite;
using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>Reads pages of events, and proves each against the one before it in the log.</summary>
internal sealed class LogReader : IDisposable
{
    private const int PageEvents = 256;
    private const int PageBytes = 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly EventChain _chain = new();
    private readonly Statement _all;
    private readonly Statement _stream;
    private readonly Statement _snapshot;
    private readonly Statement _key;
    private readonly Statement _kekIds;
    private readonly Statement _keys;

    public LogReader(SqliteConnection connection)
    {
        _connection = connection;
        const string Before = "LEFT JOIN events p ON p.position = e.position - 1";
        _all = new Statement(
            connection,
            $"SELECT {EventRow.Columns}, p.chain FROM events e {Before} WHERE e.position > ?1 AND e.position <= ?2 ORDER BY e.position LIMIT {PageEvents}");
        _stream = new Statement(
            connection,
            $"SELECT {EventRow.Columns}, p.chain FROM events e {Before} WHERE e.stream = ?1 AND e.version > ?2 AND e.version <= ?3 ORDER BY e.version LIMIT {PageEvents}");
        _snapshot = new Statement(connection, "SELECT version, data, checksum FROM snapshots WHERE stream = ?1 AND schema = ?2");
        _key = new Statement(connection, "SELECT kek_id, wrapped FROM data_keys WHERE id = ?1");
        _kekIds = new Statement(connection, "SELECT DISTINCT kek_id FROM data_keys WHERE wrapped <> zeroblob(length(wrapped))");
        _keys = new Statement(connection, "SELECT id, wrapped FROM data_keys ORDER BY id");
    }

    /// <summary>The first of the events after <paramref name="after"/> up to <paramref name="last"/>; at least one where there is any.</summary>
    public List<RecordedEvent> Page(long after, long last)
    {
        var page = ReadPage(_all.Bind(1, after).Bind(2, last));
        var expected = after;
        foreach (var found in page)
        {
            if (found.Position != ++expected)
                throw new LogDamagedException(expected, $"the event is missing; the next one is at position {found.Position}");
        }

        return page.Count > 0 || after >= last ? page : throw new LogDamagedException(after + 1, "the event is missing");
    }

    /// <summary>The first of the stream's events after one version up to another; at least one where there is any.</summary>
    public List<RecordedEvent> StreamPage(string stream, long afterVersion, StreamHead head)
    {
        var page = ReadPage(_stream.Bind(1, stream).Bind(2, afterVersion).Bind(3, head.Version));
        var expected = afterVersion;
        foreach (var found in page)
        {
            if (found.Version != ++expected || !string.Equals(found.Stream, stream, StringComparison.Ordinal))
                throw new LogDamagedException(found.Position, $"version {expected} of stream '{stream}' is missing before it");
        }

        return page.Count > 0 || afterVersion >= head.Version
            ? page
            : throw new LogDamagedException(head.LastPosition, $"version {afterVersion + 1} of stream '{stream}' is missing before it");
    }

    /// <summary>The snapshot, and whether it is as it was written; null where there is none.</summary>
    public (StreamSnapshot Snapshot, bool Intact)? Snapshot(string stream, int schema)
    {
        try
        {
            if (!_snapshot.Bind(1, stream).Bind(2, schema).Step())
                return null;
            var snapshot = new StreamSnapshot(stream, _snapshot.Int64(0), schema, _snapshot.Bytes(1).ToArray());
            return (snapshot, _snapshot.Bytes(2).SequenceEqual(SnapshotChecksum.Of(snapshot)));
        }
        finally
        {
            _snapshot.Reset();
        }
    }

    public WrappedDataKey? Key(string id)
    {
        try
        {
            if (!_key.Bind(1, id).Step() || DestroyedKey.Is(_key.Bytes(1)))
                return null;
            return new WrappedDataKey(id, _key.Text(0), _key.Bytes(1).ToArray());
        }
        finally
        {
            _key.Reset();
        }
    }

    public List<string> KekIds()
    {
        try
        {
            var ids = new List<string>();
            while (_kekIds.Step())
                ids.Add(_kekIds.Text(0));
            return ids;
        }
        finally
        {
            _kekIds.Reset();
        }
    }

    public List<string> Keys()
    {
        try
        {
            var ids = new List<string>();
            while (_keys.Step())
            {
                if (!DestroyedKey.Is(_keys.Bytes(1)))
                    ids.Add(_keys.Text(0));
            }

            return ids;
        }
        finally
        {
            _keys.Reset();
        }
    }

    public void Dispose()
    {
        _all.Dispose();
        _stream.Dispose();
        _snapshot.Dispose();
        _key.Dispose();
        _kekIds.Dispose();
        _keys.Dispose();
        _connection.Dispose();
    }

    private List<RecordedEvent> ReadPage(Statement row)
    {
        try
        {
            var page = new List<RecordedEvent>();
            var bytes = 0;
            while (bytes < PageBytes && row.Step())
            {
                var position = EventRow.Position(row);
                var previous = position == 1 ? EventChain.Start : row.Bytes(EventRow.NextColumn);
                if (previous.IsEmpty)
                    throw new LogDamagedException(position - 1, "the event is missing");
                if (!EventRow.Follows(row, _chain, previous))
                    throw new LogDamagedException(position, "the event is not the one that was written, or does not follow the one before it");
                bytes += EventRow.Size(row);
                page.Add(EventRow.Decode(row));
            }

            return page;
        }
        finally
        {
            row.Reset();
        }
    }
}
