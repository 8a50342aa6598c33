using Npgsql;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>Statements with positional parameters (<c>$1</c>), and their rows.</summary>
internal static class Queries
{
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    public static async Task<List<T>> QueryAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params NpgsqlParameter[] values)
    {
        using var command = Command(connection, sql, values);
        using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<T>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(row));
        return rows;
    }

    /// <summary>How many rows were changed.</summary>
    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] values)
    {
        using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }


    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, NpgsqlParameter[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values);
        return command;
    }
}
