using System.Diagnostics;
using Microsoft.Extensions.Logging;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Leases in a table, which run out by the database's clock alone, so that the servers' clocks need not agree. Each says what its holder can read.</summary>
internal sealed class PostgresLeases(PostgresConnections connections, EventVocabulary? vocabulary, ILogger logger) : ILeases
{
    public async Task<ILease?> TryAcquireAsync(string name, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckName(name, EventStoreLimits.LeaseNameBytes, nameof(name));
        var holder = Guid.NewGuid();
        var asked = Stopwatch.GetTimestamp();
        var got = await connections.UseAsync(
            (connection, cancelled) => connection.ExecuteAsync(
                """
                INSERT INTO leases (name, holder, expires, program, event_types) VALUES ($1, $2, clock_timestamp() + $3, $4, $5)
                ON CONFLICT (name) DO UPDATE
                SET holder = excluded.holder, expires = excluded.expires, program = excluded.program, event_types = excluded.event_types
                WHERE leases.expires < clock_timestamp()
                """,
                cancelled,
                Value(name),
                Value(holder),
                Value(PostgresLease.Length),
                Value(vocabulary?.Program),
                Value(vocabulary?.EventTypes.ToArray())),
            cancellationToken).ConfigureAwait(false);
        return got == 1 ? new PostgresLease(connections, name, holder, asked, logger) : null;
    }
}
