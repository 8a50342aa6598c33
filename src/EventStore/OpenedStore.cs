using Microsoft.Extensions.Logging;
using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore;

/// <summary>A log that was opened, and what is kept beside it, wherever that is.</summary>
public sealed class OpenedStore : IAsyncDisposable
{
    private OpenedStore(IEventStore events, IDataKeyStore keys, ILeases leases, StoreAvailability availability)
    {
        Events = events;
        Keys = keys;
        Leases = leases;
        Availability = availability;
    }

    public IEventStore Events { get; }

    public IDataKeyStore Keys { get; }

    public ILeases Leases { get; }

    public StoreAvailability Availability { get; }

    /// <summary>Opens the log, makes it where there is none, and proves what is in it.</summary>
    /// <exception cref="LogDamagedException">The log is not as it was written.</exception>
    /// <exception cref="EventStoreUnavailableException">Another process has the folder, the disk fails, or the database cannot be reached or used.</exception>
    public static async Task<OpenedStore> OpenAsync(
        StoreAddress address, OpeningOptions options, ILoggerFactory logging, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        switch (address)
        {
            case FolderAddress folder:
                var sqlite = await SqliteEventStore.OpenAsync(
                    new SqliteEventStoreOptions { Directory = folder.Folder, AcceptMissingWitness = options.AcceptMissingWitness },
                    logging.CreateLogger<SqliteEventStore>(),
                    cancellationToken).ConfigureAwait(false);
                return new(sqlite, sqlite, new LocalLeases(), sqlite.Availability);
            case PostgresAddress postgres:
                var log = await PostgresEventStore.OpenAsync(
                    postgres, options.PasswordFile, logging.CreateLogger<PostgresEventStore>(), options.Vocabulary, cancellationToken).ConfigureAwait(false);
                return new(log, log.Keys, log.Leases, log.Availability);
            default:
                throw new ArgumentException($"address: a folder or a PostgreSQL database is expected, it is {address}");
        }
    }

    public ValueTask DisposeAsync() => Events.DisposeAsync();
}

/// <summary>How a log is opened, beside where it is.</summary>
public sealed record OpeningOptions
{
    /// <summary>Holds the password of PostgreSQL, in its first line; null: the environment (PGPASSWORD, ~/.pgpass) has it, or none is needed.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>What the other servers of the log are told that this one can read; null: nothing, as by a program that does not go on reading.</summary>
    public EventVocabulary? Vocabulary { get; init; }

    /// <summary>See <see cref="SqliteEventStoreOptions.AcceptMissingWitness"/>.</summary>
    public bool AcceptMissingWitness { get; init; }
}
