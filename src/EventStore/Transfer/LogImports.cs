using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Sqlite;

namespace OrleansMesh.EventStore.Transfer;

/// <summary>Finds who takes a log in, by where it is to be kept.</summary>
public static class LogImports
{
    public static ILogImport At(StoreAddress address, OpeningOptions options) => address switch
    {
        FolderAddress folder => new SqliteLogImport(new SqliteEventStoreOptions { Directory = folder.Folder }),
        PostgresAddress postgres => new PostgresLogImport(postgres, options.PasswordFile),
        _ => throw new ArgumentException($"address: a folder or a PostgreSQL database is expected, it is {address}", nameof(address)),
    };
}
