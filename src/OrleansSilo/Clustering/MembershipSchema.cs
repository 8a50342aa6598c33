using Microsoft.Extensions.Hosting;
using Npgsql;

namespace OrleansMesh.OrleansSilo.Clustering;

/// <summary>
/// Makes, before the silo starts, the tables in which Orleans keeps who is in the cluster, and the statements by which it reads and writes them:
/// its AdoNet provider takes those from the table <c>OrleansQuery</c>, by name. Source of names, parameters and columns: Orleans' AdoNet provider, 10.4.
/// </summary>
/// <remarks>Several silos may do so at once: it is done under a lock, and again at each start, so that statements are those of this version.</remarks>
internal sealed class MembershipSchema(NpgsqlDataSource database) : IHostedService
{
    // Any number that nothing else in the database locks: the ASCII bytes of "OM-silos".
    private const long Lock = 0x4F4D2D73696C6F73;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync($"SELECT pg_advisory_xact_lock({Lock})", []);
        await RunAsync(MembershipStatements.Tables, []);
        foreach (var (name, text) in MembershipStatements.ByName)
        {
            await RunAsync(
                "INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ($1, $2) ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText",
                [name, text]);
        }

        await transaction.CommitAsync(cancellationToken);

        async Task RunAsync(string text, string[] values)
        {
            await using var command = new NpgsqlCommand(text, connection, transaction);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>It started first and stops last: nobody needs the database any more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) => await database.DisposeAsync();
}
