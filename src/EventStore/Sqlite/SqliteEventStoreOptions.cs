namespace OrleansMesh.EventStore.Sqlite;

/// <summary>Where a log is kept and how it is opened.</summary>
public sealed record SqliteEventStoreOptions
{
    /// <summary>
    /// The data directory, made with mode 0700 where there is none. It holds <c>events.db</c> (with SQLite's <c>-wal</c> and <c>-shm</c>),
    /// <c>events.witness</c> and <c>events.lock</c>.
    /// </summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Opens a log that has events but no witness, and makes a new one from the log as it is. Without a witness nothing can tell whether
    /// acknowledged events are missing at the log's end, so this is an operator's deliberate act (after restoring a backup, say) and
    /// false otherwise.
    /// </summary>
    public bool AcceptMissingWitness { get; init; }

    /// <summary>Appends that may wait for the writer; further callers wait for room. At least 1.</summary>
    public int QueueCapacity { get; init; } = 4096;

    internal string DatabasePath => Path.Combine(Directory, "events.db");

    internal string WriteAheadLogPath => DatabasePath + "-wal";

    internal string WitnessPath => Path.Combine(Directory, "events.witness");

    internal string LockPath => Path.Combine(Directory, "events.lock");
}
