using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Tests.Postgres;
using OrleansMesh.EventStore.Tests.Sqlite;

namespace OrleansMesh.EventStore.Tests.Histories;

/// <summary>1,000 random concurrent histories over each store, PostgreSQL's over two servers on one log: appends are linearizable and readers see no late or missing position.</summary>
[Collection(PostgresCollection.Name)]
[Trait("Category", "Slow")]
public sealed class RandomHistoryTests(PostgresServer server)
{
    private const int Histories = 1000;

    [Fact]
    public async Task Over_SQLite()
    {
        using var directory = new TemporaryDirectory();
        await using var store = await SqliteEventStore.OpenAsync(new() { Directory = directory.Path });
        await RunAsync([store]);
    }

    [SkippableFact]
    public async Task Over_PostgreSQL_and_two_servers()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var one = await PostgresEventStore.OpenAsync(address);
        await using var other = await PostgresEventStore.OpenAsync(address);
        await RunAsync([one, other]);
    }

    private static async Task RunAsync(IReadOnlyList<IEventStore> stores)
    {
        var outcomes = new HashSet<Type>();
        for (var seed = 1; seed <= Histories; seed++)
        {
            var history = await new RandomHistory(stores, seed).RunAsync();
            Assert.True(HistoryCheck.Violations(history) is [], $"history {seed}: {string.Join("; ", HistoryCheck.Violations(history))}");
            outcomes.UnionWith(history.Attempts.Select(static a => a.Outcome.GetType()));
        }

        // Otherwise they would not have tried what they were made for.
        Assert.Superset(new HashSet<Type> { typeof(Outcome.Appended), typeof(Outcome.Conflict), typeof(Outcome.Withdrawn) }, outcomes);
    }
}
