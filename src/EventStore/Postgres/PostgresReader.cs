using Npgsql;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Reads pages of events, each page in one statement and so of one moment, and proves each event against the one before it in the log.</summary>
internal static class PostgresReader
{
    private const int PageEvents = 512;
    private const int PageBytes = 1024 * 1024;
    private const int PageStreams = 1000;

    private const string Columns = "e.position, e.stream, e.version, e.type, e.actor, e.at, e.cause, e.data, e.chain";

    /// <summary>Rows up to a sum of bytes, and one row at least. Lengths are known without reading what is stored out of line.</summary>
    private const string Before = "sum(octet_length(e.data)) OVER (ORDER BY e.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before";

    private const string BeforeInStream = "sum(octet_length(e.data)) OVER (ORDER BY e.version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before";

    private static readonly string All = $"""
        SELECT * FROM (
            SELECT {Columns}, (SELECT chain FROM events WHERE position = $1), {Before}
            FROM events e WHERE e.position > $1 AND e.position <= $2 ORDER BY e.position LIMIT {PageEvents}) page
        WHERE coalesce(before, 0) < {PageBytes}
        """;

    private static readonly string OfStream = $"""
        SELECT page.*, p.chain, (SELECT max(version) FROM events WHERE stream = $1) FROM (
            SELECT {Columns}, {BeforeInStream}
            FROM events e WHERE e.stream = $1 AND e.version > $2 ORDER BY e.version LIMIT {PageEvents}) page
        LEFT JOIN events p ON p.position = page.position - 1
        WHERE coalesce(before, 0) < {PageBytes}
        ORDER BY page.version
        """;

    /// <summary>Names from one on, each found from the one before by the index: the work is that of the streams, not of their events.</summary>
    private static readonly string Streams = $"""
        WITH RECURSIVE names (name) AS (
            (SELECT stream FROM events WHERE stream >= $1 AND stream < $2 AND stream > $3 ORDER BY stream LIMIT 1)
            UNION ALL
            SELECT (SELECT stream FROM events WHERE stream > names.name AND stream < $2 ORDER BY stream LIMIT 1) FROM names WHERE names.name IS NOT NULL)
        SELECT name, version, position FROM names
        CROSS JOIN LATERAL (SELECT version, position FROM events WHERE stream = name ORDER BY version DESC LIMIT 1) last
        LIMIT {PageStreams}
        """;

    /// <summary>The first of the events after <paramref name="after"/> up to <paramref name="last"/>, which must be there.</summary>
    /// <param name="previous">The chain value at <paramref name="after"/>, where the caller has seen that event; the log must go on from it.</param>
    /// <exception cref="LogDamagedException">What was read is not what was written.</exception>
    public static async Task<EventPage> PageAsync(
        NpgsqlConnection connection, long after, byte[]? previous, long last, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync(
            All,
            static row => (Row: EventRow.Of(row), Previous: Bytes(row, EventRow.NextColumn)),
            cancellationToken,
            Value(after),
            Value(last)).ConfigureAwait(false);
        if (rows.Count == 0)
            throw new LogDamagedException(after + 1, "the event is missing");
        var chain = previous ?? (after == 0 ? EventChain.Start.ToArray() : rows[0].Previous)
            ?? throw new LogDamagedException(after, "the event is missing");
        var hash = new EventChain();
        var events = new List<RecordedEvent>(rows.Count);
        foreach (var (row, _) in rows)
        {
            var expected = after + events.Count + 1;
            if (row.Event.Position != expected)
                throw new LogDamagedException(expected, $"the event is missing; the next one is at position {row.Event.Position}");
            row.Prove(hash, chain);
            chain = row.Chain;
            events.Add(row.Event);
        }

        return new(events, chain);
    }

    /// <summary>The first of the stream's events after a version, and the stream's version.</summary>
    /// <exception cref="LogDamagedException">What was read is not what was written.</exception>
    public static async Task<(List<RecordedEvent> Events, long Version)> StreamPageAsync(
        NpgsqlConnection connection, string stream, long afterVersion, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync(
            OfStream,
            static row => (Row: EventRow.Of(row), Previous: Bytes(row, EventRow.NextColumn + 1), Version: row.GetInt64(EventRow.NextColumn + 2)),
            cancellationToken,
            Value(stream),
            Value(afterVersion)).ConfigureAwait(false);
        var hash = new EventChain();
        var events = new List<RecordedEvent>(rows.Count);
        foreach (var (row, before, _) in rows)
        {
            var expected = afterVersion + events.Count + 1;
            var position = row.Event.Position;
            if (row.Event.Version != expected)
                throw new LogDamagedException(position, $"version {expected} of stream '{stream}' is missing before it");
            row.Prove(hash, (position == 1 ? EventChain.Start.ToArray() : before) ?? throw new LogDamagedException(position - 1, "the event is missing"));
            events.Add(row.Event);
        }

        return (events, rows.Count > 0 ? rows[0].Version : afterVersion);
    }

    /// <summary>The first of the streams with that prefix whose name comes after another.</summary>
    public static Task<List<StreamInfo>> StreamsAsync(NpgsqlConnection connection, string prefix, string after, CancellationToken cancellationToken) =>
        // A name's characters end at '~'.
        connection.QueryAsync(
            Streams,
            static row => new StreamInfo(row.GetString(0), row.GetInt64(1), row.GetInt64(2)),
            cancellationToken,
            Value(prefix),
            Value(prefix + '\u007f'),
            Value(after));

    private static byte[]? Bytes(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}

/// <summary>Events that follow one another, and the chain value of the last.</summary>
internal sealed record EventPage(List<RecordedEvent> Events, byte[] Chain);
