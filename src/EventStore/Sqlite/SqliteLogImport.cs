using Microsoft.Data.Sqlite;
using OrleansMesh.EventStore.Files;
using OrleansMesh.EventStore.Transfer;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>Takes a whole log into an empty folder, in one transaction.</summary>
/// <remarks>
/// The witness is written after the commit. If the machine fails between the two, the log is whole and its witness is missing, which the next opening
/// says, with the remedy.
/// </remarks>
public sealed class SqliteLogImport(SqliteEventStoreOptions options) : ILogImport
{
    /// <inheritdoc/>
    public async Task<LogContent> ImportAsync(IAsyncEnumerable<LogEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        try
        {
            PrivateFile.CreateDirectory(options.Directory);
            await using var held = LogLock.Take(options.LockPath);
            if (File.Exists(options.WitnessPath))
                throw NotEmpty("a witness of acknowledged events");
            var content = await StoreAsync(entries, cancellationToken).ConfigureAwait(false);
            return content;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new EventStoreUnavailableException($"the event log in '{options.Directory}' cannot be written: {e.Message}", e);
        }
    }

    private async Task<LogContent> StoreAsync(IAsyncEnumerable<LogEntry> entries, CancellationToken cancellationToken)
    {
        using var connection = LogDatabase.OpenForWriting(options.DatabasePath);
        foreach (var (table, what) in new[] { ("events", "events"), ("data_keys", "data keys") })
        {
            if (Statement.ReadInt64(connection, $"SELECT count(*) FROM {table}") is > 0 and var count)
                throw NotEmpty($"{count} {what}");
        }

        var hash = new EventChain();
        var chain = EventChain.Start.ToArray();
        var (position, keys, streams) = (0L, 0L, 0L);
        using (var insertEvent = new Statement(
            connection,
            "INSERT INTO events (position, stream, version, type, actor, at, cause, data, chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"))
        using (var insertKey = new Statement(connection, "INSERT INTO data_keys (id, kek_id, wrapped) VALUES (?1, ?2, ?3)"))
        {
            Statement.Execute(connection, "BEGIN IMMEDIATE");
            await foreach (var entry in entries.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                switch (entry)
                {
                    case KeyEntry { Key: var key }:
                        insertKey.Bind(1, key.Id).Bind(2, key.KekId).Bind(3, key.Wrapped.Span).Run();
                        keys++;
                        break;
                    case EventEntry { Event: var e }:
                        if (e.Position != ++position)
                            throw new ArgumentException($"position {position} is expected, it is {e.Position}", nameof(entries));
                        hash.Link(chain, e.Position, e.Stream, e.Version, new NewEvent(e.Type, e.Data, e.Context), chain);
                        insertEvent.Bind(1, e.Position).Bind(2, e.Stream).Bind(3, e.Version).Bind(4, e.Type).Bind(5, e.Context.Actor)
                            .Bind(6, e.Context.At.UtcTicks).Bind(7, e.Context.Cause).Bind(8, e.Data.Span).Bind(9, chain).Run();
                        streams += e.Version == 1 ? 1 : 0;
                        break;
                }
            }

            // An exception before this leaves an open transaction, which ends with the connection and leaves nothing.
            Statement.Execute(connection, "COMMIT");
        }

        LogDatabase.ScrubWriteAheadLog(connection, options.WriteAheadLogPath);
        WitnessFile.Open(options.WitnessPath, position, chain).Dispose();
        return new LogContent(position, keys, streams);
    }

    private EventStoreUnavailableException NotEmpty(string what)
        => new($"the event log in '{options.Directory}' is not empty, it has {what}: a log is imported into an empty one only");
}
