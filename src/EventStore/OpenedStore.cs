using Microsoft.Extensions.Logging;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore;

/// <summary>A log that was opened, and what is kept beside it, wherever that is.</summary>
public sealed class OpenedStore : IAsyncDisposable
{
    private readonly IAsyncDisposable _store;

    private OpenedStore(IEventStore events, IDataKeyStore keys, ILeases leases, IAsyncDisposable store)
    {
        Events = events;
        Keys = keys;
        Leases = leases;
        _store = store;
    }

    public IEventStore Events { get; }

    public IDataKeyStore Keys { get; }

    public ILeases Leases { get; }

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
                return new(sqlite, sqlite, new LocalLeases(), sqlite);
            default:
                throw new EventStoreUnavailableException($"the event log cannot be kept at {address}: PostgreSQL is not in this build");
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}

/// <summary>How a log is opened, beside where it is.</summary>
public sealed record OpeningOptions
{
    /// <summary>Holds the password of PostgreSQL, in its first line; null: the environment (PGPASSWORD, ~/.pgpass) has it, or none is needed.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>See <see cref="SqliteEventStoreOptions.AcceptMissingWitness"/>.</summary>
    public bool AcceptMissingWitness { get; init; }
}
