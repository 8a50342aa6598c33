using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore.Transfer;

/// <summary>Finds who takes a log in, by where it is to be kept.</summary>
public static class LogImports
{
    /// <exception cref="EventStoreUnavailableException">Nobody can import there.</exception>
    public static ILogImport At(StoreAddress address, OpeningOptions options) => address switch
    {
        FolderAddress folder => new SqliteLogImport(new SqliteEventStoreOptions { Directory = folder.Folder }),
        _ => throw new EventStoreUnavailableException($"a log cannot be imported to {address}"),
    };
}
