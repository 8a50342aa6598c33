using Npgsql;
using NpgsqlTypes;
using OrleansMesh.EventStore.Transfer;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Takes a whole log into an empty database, in one transaction. It holds the end of the log meanwhile, so that nobody appends in between.</summary>
public sealed class PostgresLogImport(PostgresAddress address, string? passwordFile = null) : ILogImport
{
    private const string CopyEvents = "COPY events (position, stream, version, type, actor, at, cause, data, chain) FROM STDIN (FORMAT BINARY)";

    // For the database to take in all that was copied, at the end.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<LogContent> ImportAsync(IAsyncEnumerable<LogEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var connections = new PostgresConnections(address, passwordFile);
        await using var closing = connections.ConfigureAwait(false);
        try
        {
            using var connection = await connections.OpenOwnAsync(cancellationToken).ConfigureAwait(false);
            await PostgresSchema.PrepareAsync(connection, connections.Name, cancellationToken).ConfigureAwait(false);
            using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var (events, keys) = (await connection.QueryAsync(
                "SELECT position, (SELECT count(*) FROM data_keys) FROM head FOR UPDATE OF head",
                static row => (row.GetInt64(0), row.GetInt64(1)),
                cancellationToken).ConfigureAwait(false))[0];
            if (events > 0 || keys > 0)
            {
                throw new EventStoreUnavailableException(
                    $"{connections.Name} is not empty, it has {events} events and {keys} data keys: a log is imported into an empty one only");
            }

            var (content, chain) = await CopyAsync(connection, entries, cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "UPDATE head SET position = $1, chain = $2", cancellationToken, Value(content.Events), Value(chain)).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return content;
        }
        catch (Exception exception) when (PostgresConnections.IsAway(exception, cancellationToken))
        {
            throw connections.Unavailable(exception);
        }
    }

    private static async Task<(LogContent Content, byte[] Chain)> CopyAsync(
        NpgsqlConnection connection, IAsyncEnumerable<LogEntry> entries, CancellationToken cancellationToken)
    {
        var hash = new EventChain();
        var chain = EventChain.Start.ToArray();
        var (position, keys, streams) = (0L, 0L, 0L);
        NpgsqlBinaryImporter? rows = null;
        try
        {
            await foreach (var entry in entries.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                switch (entry)
                {
                    case KeyEntry { Key: var key } when rows is null:
                        await connection.ExecuteAsync(
                            "INSERT INTO data_keys (id, kek_id, wrapped) VALUES ($1, $2, $3)",
                            cancellationToken,
                            Value(key.Id),
                            Value(key.KekId),
                            Value(key.Wrapped.ToArray())).ConfigureAwait(false);
                        keys++;
                        break;
                    case EventEntry { Event: var e } when e.Position == position + 1:
                        if (rows is null)
                        {
                            rows = await connection.BeginBinaryImportAsync(CopyEvents, cancellationToken).ConfigureAwait(false);
                            rows.Timeout = Patience;
                        }

                        hash.Link(chain, e.Position, e.Stream, e.Version, new NewEvent(e.Type, e.Data, e.Context), chain);
                        await WriteAsync(rows, e, chain, cancellationToken).ConfigureAwait(false);
                        position = e.Position;
                        streams += e.Version == 1 ? 1 : 0;
                        break;
                    default:
                        throw new ArgumentException($"data keys and then events by position are expected; after position {position} comes {entry}", nameof(entries));
                }
            }

            if (rows is not null)
                await rows.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (rows is not null)
                await rows.DisposeAsync().ConfigureAwait(false);
        }

        return (new LogContent(position, keys, streams), chain);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter rows, RecordedEvent e, byte[] chain, CancellationToken cancellationToken)
    {
        await rows.StartRowAsync(cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Position, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Stream, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Version, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Type, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Context.Actor, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Context.At.UtcTicks, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Context.Cause, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(e.Data, NpgsqlDbType.Bytea, cancellationToken).ConfigureAwait(false);
        await rows.WriteAsync(chain, NpgsqlDbType.Bytea, cancellationToken).ConfigureAwait(false);
    }
}
