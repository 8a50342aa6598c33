using Npgsql;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Connections to the log's database, for what is kept there beside the log.</summary>
public static class PostgresDataSource
{
    /// <summary>Protected and proved as those of the log are.</summary>
    /// <param name="passwordFile">See <see cref="OpeningOptions.PasswordFile"/>.</param>
    public static NpgsqlDataSource Make(PostgresAddress address, string? passwordFile)
    {
        ArgumentNullException.ThrowIfNull(address);
        return PostgresConnections.Build(address, passwordFile, pooling: true);
    }
}
