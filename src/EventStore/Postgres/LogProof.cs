using Npgsql;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>
/// The last event that this server knows to be in the log. Each new connection has to find it there: a database that was restored from a backup, or a
/// standby that took over without the last commits, would otherwise give the same positions to other events.
/// </summary>
internal sealed class LogProof
{
    private readonly Lock _gate = new();
    private long _position;
    private byte[] _chain = EventChain.Start.ToArray();

    public void Remember(long position, ReadOnlySpan<byte> chain)
    {
        lock (_gate)
        {
            if (position > _position)
                (_position, _chain) = (position, chain.ToArray());
        }
    }

    /// <summary>Proves the end of the log, and that it goes on from what was known; remembers it. What is before is proved as it is read.</summary>
    /// <returns>The last position.</returns>
    /// <exception cref="LogDamagedException">Acknowledged events are missing, or are others than they were.</exception>
    public async Task<long> ProveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        long known;
        byte[] knownChain;
        lock (_gate)
            (known, knownChain) = (_position, _chain);
        var (position, chain, last, lastChain, chainAtKnown) = (await connection.QueryAsync(
            """
            SELECT head.position, head.chain, coalesce(last.position, 0), last.chain, (SELECT chain FROM events WHERE position = $1)
            FROM head LEFT JOIN (SELECT position, chain FROM events ORDER BY position DESC LIMIT 1) last ON true
            """,
            static row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2), Bytes(row, 3), Bytes(row, 4)),
            cancellationToken,
            Value(known)).ConfigureAwait(false))[0];
        if (last != position)
            throw new LogDamagedException(Math.Min(last, position) + 1, $"the log ends at position {last}, but the last event that was acknowledged has position {position}");
        if (!chain.AsSpan().SequenceEqual(last == 0 ? EventChain.Start : lastChain))
            throw new LogDamagedException(last, "the last event is not the one that was acknowledged at this position");
        if (known > position)
            throw new LogDamagedException(position + 1, $"the log ends at position {position}, but this server has seen the event at position {known}: the database has lost it");
        if (known > 0 && !knownChain.AsSpan().SequenceEqual(chainAtKnown))
            throw new LogDamagedException(known, "the event is not the one that this server has seen at this position: the database has lost that");
        Remember(position, chain);
        return position;
    }

    private static byte[]? Bytes(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
