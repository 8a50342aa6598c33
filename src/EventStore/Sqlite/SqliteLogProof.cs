using Microsoft.Data.Sqlite;
using OrleansMesh.EventStore.Transfer;
using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// Proves the log in a folder, and what is beside it: SQLite's own check, the chain, versions, readability, data keys, snapshots, the witness. It changes
/// nothing, and a server may be running on the folder meanwhile.
/// </summary>
public static class SqliteLogProof
{
    /// <param name="read">Reads an event's JSON; throws when it cannot.</param>
    /// <exception cref="LogDamagedException">It is not as it was written, or an event cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">There is no log, or it cannot be read.</exception>
    public static Task<LogReport> RunAsync(SqliteEventStoreOptions options, Action<RecordedEvent> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(read);
        return Task.Run(() => Run(options, read, cancellationToken), cancellationToken);
    }

    private static LogReport Run(SqliteEventStoreOptions options, Action<RecordedEvent> read, CancellationToken cancellationToken)
    {
        if (!File.Exists(options.DatabasePath))
            throw new EventStoreUnavailableException($"there is no event log in '{options.Directory}'");
        try
        {
            // The witness first: what is acknowledged after this is not demanded of the log.
            var witness = ReadWitness(options.WitnessPath);
            FileIntegrity.Check(options.DatabasePath);
            using var connection = LogDatabase.OpenForReading(options.DatabasePath);
            Statement.Execute(connection, "BEGIN");
            var verified = LogVerification.Verify(connection, witness);
            ReadEvents(connection, verified.Position, read, cancellationToken);
            var warnings = new List<string>();
            if (witness is null && verified.Position > 0)
                warnings.Add($"the witness file '{options.WitnessPath}' is missing: nothing tells whether acknowledged events after position {verified.Position} are missing");
            var snapshots = CheckSnapshots(connection, verified.Streams, warnings);
            var keys = Statement.ReadInt64(connection, "SELECT count(*) FROM data_keys WHERE wrapped <> zeroblob(length(wrapped))");
            return new LogReport(new LogContent(verified.Position, keys, verified.Streams.Count), snapshots, witness?.Position, warnings);
        }
        catch (SqliteException e) when (LogDatabase.IsDamage(e))
        {
            throw new LogDamagedException(1, "the file cannot be read as a SQLite database", e);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new EventStoreUnavailableException($"the event log in '{options.Directory}' cannot be read: {e.Message}", e);
        }
    }

    private static Witness? ReadWitness(string path)
    {
        try
        {
            return WitnessFile.Read(path);
        }
        catch (InvalidDataException e)
        {
            throw new LogDamagedException(0, e.Message, e);
        }
    }

    private static void ReadEvents(SqliteConnection connection, long last, Action<RecordedEvent> read, CancellationToken cancellationToken)
    {
        using var row = new Statement(connection, $"SELECT {EventRow.Columns} FROM events e WHERE e.position <= ?1 ORDER BY e.position");
        row.Bind(1, last);
        while (row.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                read(EventRow.Decode(row));
            }
            catch (Exception e) when (e is not SqliteException)
            {
                throw new LogDamagedException(EventRow.Position(row), $"the event cannot be read: {e.Message}", e);
            }
        }
    }

    private static long CheckSnapshots(SqliteConnection connection, Dictionary<string, StreamHead> streams, List<string> warnings)
    {
        using var row = new Statement(connection, "SELECT stream, schema, version, data, checksum FROM snapshots ORDER BY stream, schema");
        var tally = new SnapshotTally(warnings);
        while (row.Step())
        {
            var snapshot = new StreamSnapshot(row.Text(0), row.Int64(2), (int)row.Int64(1), row.Bytes(3).ToArray());
            tally.Add(snapshot, row.Bytes(4), streams.GetValueOrDefault(snapshot.Stream).Version);
        }

        return tally.Intact;
    }
}
