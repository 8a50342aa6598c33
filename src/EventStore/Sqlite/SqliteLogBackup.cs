using Microsoft.Data.Sqlite;
using OrleansMesh.EventStore.Files;
using OrleansMesh.EventStore.Transfer;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// Copies the log of a folder while a server writes to it: the database as of one moment, by SQLite's own backup, with its data keys and a witness of
/// its own. The key-encryption key is not in it.
/// </summary>
/// <remarks>Source of the manner: https://sqlite.org/backup.html. The copy is made in one step under one read transaction, which holds up no writer.</remarks>
public static class SqliteLogBackup
{
    /// <summary>Makes the backup and proves it: every acknowledged event is in it, as it was written.</summary>
    /// <param name="directory">The folder of the backup, made with mode 0700; it must not hold anything yet.</param>
    /// <param name="read">Reads an event's JSON; throws when it cannot.</param>
    /// <exception cref="LogDamagedException">The log, or the copy, is not as it was written.</exception>
    /// <exception cref="EventStoreUnavailableException">There is no log, the folder is not empty, or the disk fails.</exception>
    public static async Task<LogReport> RunAsync(
        SqliteEventStoreOptions source, string directory, Action<RecordedEvent> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var copy = new SqliteEventStoreOptions { Directory = directory };
        if (!File.Exists(source.DatabasePath))
            throw new EventStoreUnavailableException($"there is no event log in '{source.Directory}'");
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new EventStoreUnavailableException($"the folder '{directory}' is not empty: a backup is made in a new one");
        try
        {
            PrivateFile.CreateDirectory(directory);
            await Task.Run(() => Copy(source, copy), cancellationToken).ConfigureAwait(false);
            return await SqliteLogProof.RunAsync(copy, read, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new EventStoreUnavailableException($"the event log in '{source.Directory}' cannot be copied to '{directory}': {e.Message}", e);
        }
    }

    private static void Copy(SqliteEventStoreOptions source, SqliteEventStoreOptions copy)
    {
        // Before the copy is begun: whatever was acknowledged until now has to be in it.
        var witness = WitnessFile.Read(source.WitnessPath);
        PrivateFile.Open(copy.DatabasePath, FileMode.CreateNew, FileAccess.Write, FileShare.None).Dispose();
        using (var from = LogDatabase.OpenForReading(source.DatabasePath))
        using (var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = copy.DatabasePath, Pooling = false }.ToString()))
        {
            to.Open();
            from.BackupDatabase(to);
        }

        using (var file = PrivateFile.Open(copy.DatabasePath, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
            file.Flush(flushToDisk: true);
        VerifiedLog verified;
        using (var connection = LogDatabase.OpenForReading(copy.DatabasePath))
            verified = LogVerification.Verify(connection, witness);
        WitnessFile.Open(copy.WitnessPath, verified.Position, verified.Chain).Dispose();
    }
}
