using Npgsql;
using OrleansMesh.EventStore.Transfer;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Proves the log in a database, and what is beside it: the chain, versions, readability, data keys, snapshots. Servers may be running on it meanwhile.</summary>
public static class PostgresLogProof
{
    private const int PageLength = 100;

    /// <param name="passwordFile">See <see cref="OpeningOptions.PasswordFile"/>.</param>
    /// <param name="read">Reads an event's JSON; throws when it cannot.</param>
    /// <exception cref="LogDamagedException">It is not as it was written, or an event cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">There is no log, or it cannot be read.</exception>
    public static async Task<LogReport> RunAsync(
        PostgresAddress address, string? passwordFile, Action<RecordedEvent> read, CancellationToken cancellationToken = default)
    {
        var store = await PostgresEventStore.OpenAsync(address, passwordFile, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            var report = await Transfer.LogProof.OfStoreAsync(store, store.Keys, read, cancellationToken).ConfigureAwait(false);
            var warnings = new List<string>(report.Warnings);
            var intact = await store.ReadAsync((connection, cancelled) => CountAsync(connection, new(warnings), cancelled), cancellationToken).ConfigureAwait(false);
            return report with { Snapshots = intact, Warnings = warnings };
        }
    }

    // A few at a time: each may be megabytes.
    private static async Task<long> CountAsync(NpgsqlConnection connection, SnapshotTally tally, CancellationToken cancellationToken)
    {
        for (var (stream, schema) = ("", 0); ;)
        {
            var page = await connection.QueryAsync(
                $"""
                SELECT stream, version, schema, data, checksum, (SELECT coalesce(max(version), 0) FROM events WHERE events.stream = kept.stream)
                FROM snapshots kept WHERE (stream, schema) > ($1, $2) ORDER BY stream, schema LIMIT {PageLength}
                """,
                static row => (
                    Snapshot: new StreamSnapshot(row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetFieldValue<byte[]>(3)),
                    Checksum: row.GetFieldValue<byte[]>(4),
                    StreamVersion: row.GetInt64(5)),
                cancellationToken,
                Value(stream),
                Value(schema)).ConfigureAwait(false);
            foreach (var (snapshot, checksum, streamVersion) in page)
                tally.Add(snapshot, checksum, streamVersion);
            if (page.Count < PageLength)
                return tally.Intact;
            (stream, schema) = (page[^1].Snapshot.Stream, page[^1].Snapshot.Schema);
        }
    }
}
