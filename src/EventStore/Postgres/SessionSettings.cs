using Npgsql;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>What each connection is told when it is made, and what it has to find.</summary>
/// <remarks>
/// <c>synchronous_commit</c>: acknowledged means durable, whatever the database's or the role's own setting; a stronger one is left alone.
/// <c>idle_in_transaction_session_timeout</c>: a server that stops in the middle of an append holds the end of the log, and must lose it soon.
/// </remarks>
internal static class SessionSettings
{
    private const string Sql = """
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
        SELECT set_config('idle_in_transaction_session_timeout', '3s', false), set_config('lock_timeout', '4s', false),
               set_config('search_path', 'orleansmesh', false), set_config('client_min_messages', 'warning', false)
        """;

    public static void ExecuteSession(this NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Sql, connection);
        command.ExecuteNonQuery();
    }

    public static async Task ExecuteSessionAsync(this NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(Sql, connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}
