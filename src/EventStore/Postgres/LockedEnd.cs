using Npgsql;
using OrleansMesh.EventStore.Writing;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>The end of the log, locked by a transaction that has begun, and what decides whether an append may follow it.</summary>
/// <param name="Position">The last position.</param>
/// <param name="Chain">The chain value there.</param>
/// <param name="Heads">Where those of the streams in question are that exist.</param>
/// <param name="Unreadable">Those of the event types in question that a living server does not know.</param>
internal sealed record LockedEnd(
    long Position, byte[] Chain, IReadOnlyDictionary<string, StreamHead> Heads, IReadOnlyDictionary<string, OlderServerException> Unreadable)
{
    // A statement of its own sees all that was committed before the lock was had.
    private const string FindHeads = """
        SELECT name, version, position FROM unnest($1::text[]) AS asked (name)
        CROSS JOIN LATERAL (SELECT version, position FROM events WHERE stream = name ORDER BY version DESC LIMIT 1) last
        """;

    // Who says nothing of what it can read comes from before anybody did, and the event types of then are known to all.
    private const string FindOlderServers = """
        SELECT name, program, event_types FROM leases WHERE expires > clock_timestamp() AND NOT event_types @> $1::text[] ORDER BY name DESC
        """;

    /// <summary>Begins a transaction and locks the end, in one exchange.</summary>
    public static async Task<LockedEnd> TakeAsync(NpgsqlConnection connection, string[] streams, string[] eventTypes)
    {
        using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT position, chain FROM head FOR UPDATE"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FindHeads) { Parameters = { Value(streams) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FindOlderServers) { Parameters = { Value(eventTypes) } });
        using var row = await batch.ExecuteReaderAsync().ConfigureAwait(false);
        await row.ReadAsync().ConfigureAwait(false);
        var (position, chain) = (row.GetInt64(0), row.GetFieldValue<byte[]>(1));

        await row.NextResultAsync().ConfigureAwait(false);
        var heads = new Dictionary<string, StreamHead>(streams.Length, StringComparer.Ordinal);
        while (await row.ReadAsync().ConfigureAwait(false))
            heads.Add(row.GetString(0), new StreamHead(row.GetInt64(1), row.GetInt64(2)));

        await row.NextResultAsync().ConfigureAwait(false);
        var unreadable = new Dictionary<string, OlderServerException>(StringComparer.Ordinal);
        while (await row.ReadAsync().ConfigureAwait(false))
        {
            foreach (var type in eventTypes.Except(row.GetFieldValue<string[]>(2), StringComparer.Ordinal))
                unreadable.TryAdd(type, new OlderServerException(type, row.GetString(0), row.GetString(1)));
        }

        return new(position, chain, heads, unreadable);
    }
}
