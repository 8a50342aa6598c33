using Microsoft.Data.Sqlite;
using OrleansMesh.EventStore.Files;
using SQLitePCL;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>The database file: how it is opened, its tables, their version.</summary>
internal static class LogDatabase
{
    /// <summary>The form of the tables. A file of a later form is refused: an older binary cannot know what it would break.</summary>
    public const int SchemaVersion = 1;

    /// <summary>Marks the file as ours in SQLite's header: "OMev".</summary>
    private const int ApplicationId = 0x4F4D6576;

    private const string Schema = """
        BEGIN IMMEDIATE;
        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            type TEXT NOT NULL,
            actor TEXT NOT NULL,
            at INTEGER NOT NULL,
            cause TEXT NOT NULL,
            data BLOB NOT NULL,
            chain BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
        CREATE TABLE snapshots (
            stream TEXT NOT NULL,
            schema INTEGER NOT NULL,
            version INTEGER NOT NULL,
            data BLOB NOT NULL,
            checksum BLOB NOT NULL,
            PRIMARY KEY (stream, schema)
        ) STRICT;
        CREATE TABLE data_keys (
            slot INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kek_id TEXT NOT NULL,
            wrapped BLOB NOT NULL
        ) STRICT;
        """;

    /// <summary>The connection that writes; makes the file, mode 0600, and its tables where there are none.</summary>
    /// <exception cref="EventStoreUnavailableException">The file is not an event log, or one of a later schema version.</exception>
    public static SqliteConnection OpenForWriting(string path)
    {
        if (!File.Exists(path))
        {
            PrivateFile.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None).Dispose();
            DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }

        var connection = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            var isNew = CheckSchema(connection, path);
            Statement.Execute(connection, "PRAGMA journal_mode = WAL");
            Statement.Execute(connection, "PRAGMA synchronous = FULL");
            Statement.Execute(connection, "PRAGMA secure_delete = ON");
            Statement.Execute(connection, "PRAGMA wal_autocheckpoint = 4000");
            if (isNew)
                CreateSchema(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenForReading(string path) => Open(path, SqliteOpenMode.ReadOnly);

    /// <summary>Moves everything into the database and empties the write-ahead log, overwriting what it held.</summary>
    /// <remarks>
    /// After a complete RESTART checkpoint neither readers nor recovery use the log's content (https://sqlite.org/wal.html), so zeros may
    /// take its place before TRUNCATE gives its blocks back to the file system.
    /// </remarks>
    /// <exception cref="EventStoreUnavailableException">Readers kept the log in use.</exception>
    public static void ScrubWriteAheadLog(SqliteConnection connection, string logPath)
    {
        Checkpoint(connection, "PRAGMA wal_checkpoint(RESTART)");
        if (File.Exists(logPath))
        {
            using var file = new FileStream(logPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            var zeros = new byte[64 * 1024];
            for (var left = file.Length; left > 0; left -= zeros.Length)
                file.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
            file.Flush(flushToDisk: true);
        }

        Checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public static bool IsDamage(SqliteException exception) =>
        exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            // A log that is refused must stay as it was found, so closing never moves the write-ahead log into the database.
            SqliteException.ThrowExceptionForRC(
                raw.sqlite3_db_config(connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _), connection.Handle!);
            Statement.Execute(connection, "PRAGMA busy_timeout = 10000");
            Statement.Execute(connection, "PRAGMA trusted_schema = OFF");
            Statement.Execute(connection, "PRAGMA cell_size_check = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>True when the file has no tables yet.</summary>
    private static bool CheckSchema(SqliteConnection connection, string path)
    {
        var application = Statement.ReadInt64(connection, "PRAGMA application_id");
        var version = Statement.ReadInt64(connection, "PRAGMA user_version");
        if (application == 0 && version == 0 && Statement.ReadInt64(connection, "SELECT count(*) FROM sqlite_schema") == 0)
            return true;
        if (application != ApplicationId)
            throw new EventStoreUnavailableException($"'{path}' is not an event log: its application id is {application}, expected {ApplicationId}");
        if (version is < 1 or > SchemaVersion)
        {
            throw new EventStoreUnavailableException(
                $"'{path}' has schema version {version}, and this program knows versions 1 to {SchemaVersion}: start the version that wrote it, or a later one");
        }

        return false;
    }

    private static void CreateSchema(SqliteConnection connection)
    {
        foreach (var sql in Schema.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            Statement.Execute(connection, sql);
        Statement.Execute(connection, $"PRAGMA application_id = {ApplicationId}");
        Statement.Execute(connection, $"PRAGMA user_version = {SchemaVersion}");
        Statement.Execute(connection, "COMMIT");
    }

    private static void Checkpoint(SqliteConnection connection, string pragma)
    {
        using var statement = new Statement(connection, pragma);
        if (statement.Step() && statement.Int64(0) != 0)
            throw new EventStoreUnavailableException("the write-ahead log is in use by a reader and could not be emptied");
    }
}
