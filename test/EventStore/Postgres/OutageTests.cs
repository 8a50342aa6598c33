using OrleansMesh.EventStore.Postgres;
using static OrleansMesh.EventStore.Tests.Postgres.FollowingTests;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>The database dies, is away, answers too late, or comes back as another: what was acknowledged is there, and all goes on by itself.</summary>
[Collection(PostgresCollection.Name)]
public sealed class OutageTests(PostgresServer server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task While_the_database_is_away_appends_fail_at_once_with_a_reason_and_followers_go_on_afterwards()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        var follower = TakeAsync(store, 2);
        await store.AppendAsync([To("a", 0, "before")]);
        Assert.Null(store.Availability.Problem);

        await server.StopAsync();
        try
        {
            await WaitForAsync(() => Task.FromResult(store.Availability.Problem is not null));
            var refusal = await Assert.ThrowsAsync<EventStoreUnavailableException>(() => store.AppendAsync([To("a", 1, "during")]));
            Assert.Contains($"{address}", refusal.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<EventStoreUnavailableException>(async () => await store.HeadAsync());
            await Assert.ThrowsAsync<EventStoreUnavailableException>(() => store.ReadStreamAsync("a").ListAsync());
            await Assert.ThrowsAsync<EventStoreUnavailableException>(() => store.Leases.TryAcquireAsync("x"));
            Assert.False(follower.IsCompleted);
        }
        finally
        {
            await server.StartAsync();
        }

        await WaitForAsync(() => Task.FromResult(store.Availability.Problem is null));
        await store.AppendAsync([To("a", 1, "after")]);
        Assert.Equal(["before", "after"], (await follower).Select(Value));
    }

    [SkippableFact]
    public async Task A_connection_that_breaks_between_two_statements_is_a_database_that_is_away()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        var refusal = await Assert.ThrowsAsync<EventStoreUnavailableException>(() => store.ReadAsync(
            async (connection, cancelled) =>
            {
                await connection.CloseAsync();
                return await connection.QueryAsync("SELECT 1", static row => row.GetInt32(0), cancelled);
            },
            CancellationToken.None));
        Assert.True(refusal.MayPass);
        Assert.Equal(0, await store.HeadAsync());
    }

    [SkippableFact]
    public async Task A_connection_that_broke_in_a_quiet_time_costs_no_append()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        await store.AppendAsync([To("a", 0, "1")]);
        await WaitForAsync(async () => (await server.ExecuteAsync(
            "postgres", $"SELECT 1 FROM pg_stat_activity WHERE datname = '{address.Database}' AND application_name = 'OrleansMesh listener'")).Count == 1);
        await server.ExecuteAsync(
            "postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{address.Database}' AND application_name <> 'OrleansMesh listener'");
        Assert.Equal(new AppendResult(2, 2), await store.AppendAsync([To("a", 1, "2")]));
    }

    [SkippableFact]
    public async Task A_commit_whose_answer_is_lost_is_unknown_to_its_caller_and_known_to_the_next_append()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var relay = new PostgresRelay(server.Port);
        await using var store = await PostgresEventStore.OpenAsync(address with { Port = relay.Port });
        await store.AppendAsync([To("a", 0, "1")]);

        // The insert takes its time, so that answers are kept back from before the commit.
        await server.ExecuteAsync(address.Database, "ALTER TABLE orleansmesh.events ADD CONSTRAINT slow CHECK (pg_sleep(2) IS NOT NULL) NOT VALID");
        var append = store.AppendAsync([To("a", 1, "2")]);
        await WaitForAsync(async () => (await server.ExecuteAsync(
            "postgres", $"SELECT 1 FROM pg_stat_activity WHERE datname = '{address.Database}' AND wait_event = 'PgSleep'")).Count > 0);
        relay.KeepAnswers();
        await WaitForAsync(async () => await server.ExecuteAsync(address.Database, "SELECT position FROM orleansmesh.head") is ["2"]);
        relay.Cut();
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => append);

        relay.Heal();
        await WaitForAsync(() => Task.FromResult(store.Availability.Problem is null));
        WrongExpectedVersionException? conflict = null;
        await WaitForAsync(async () =>
        {
            try
            {
                await store.AppendAsync([To("a", 1, "2")]);
            }
            catch (WrongExpectedVersionException found)
            {
                conflict = found;
            }
            catch (EventStoreUnavailableException)
            {
                // Not yet.
            }

            return conflict is not null;
        });
        Assert.Equal(2, conflict!.Actual);
        Assert.Equal(new AppendResult(3, 3), await store.AppendAsync([To("a", 2, "3")]));
        Assert.Equal(["1", "2", "3"], (await store.ReadAllAsync().ListAsync()).Select(Value));
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_server_that_stops_in_the_middle_of_an_append_does_not_stop_the_others()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var relay = new PostgresRelay(server.Port);
        await using var lost = await PostgresEventStore.OpenAsync(address with { Port = relay.Port });
        await using var other = await PostgresEventStore.OpenAsync(address);
        relay.PartitionWhenSent("INSERT INTO events"u8);
        var append = lost.AppendAsync([To("a", 0, "never")]);
        await WaitForAsync(async () => (await server.ExecuteAsync(
            "postgres", $"SELECT 1 FROM pg_stat_activity WHERE datname = '{address.Database}' AND state = 'idle in transaction'")).Count > 0);

        Assert.Equal(new AppendResult(1, 1), await other.AppendAsync([To("b", 0, "goes on")]).WaitAsync(Patience));
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => append);
        relay.Cut();
        relay.Heal();
        Assert.Equal(["goes on"], (await TakeAsync(lost, 1)).Select(Value));
    }

    [SkippableFact]
    public async Task A_database_that_comes_back_without_an_event_that_was_seen_is_not_used_any_more()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        await store.AppendAsync([To("a", 0, "1", "2", "3")]);
        var follower = TakeAsync(store, 4);
        await server.ExecuteAsync(
            address.Database,
            $"""
            DELETE FROM orleansmesh.events WHERE position = 3;
            UPDATE orleansmesh.head SET position = 2, chain = (SELECT chain FROM orleansmesh.events WHERE position = 2);
            SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = '{address.Database}' AND pid <> pg_backend_pid()
            """);
        Assert.Equal(3, (await Assert.ThrowsAsync<LogDamagedException>(() => follower)).Position);
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => store.AppendAsync([To("b", 0, "x")]));
        Assert.Contains("lost", store.Availability.Problem, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Every_acknowledged_event_outlives_SIGKILL_of_PostgreSQL_under_load_and_two_servers_go_on()
    {
        PostgresServer.Require();
        const int Kills = 5;
        const int Writers = 8;
        var address = await server.CreateDatabaseAsync();
        await using var one = await PostgresEventStore.OpenAsync(address);
        await using var other = await PostgresEventStore.OpenAsync(address);
        PostgresEventStore[] stores = [one, other];
        using var done = new CancellationTokenSource();
        using var ended = new CancellationTokenSource(3 * Patience);
        var acknowledged = new long[Writers];
        var followed = stores.Select(store => Task.Run(async () =>
        {
            var seen = new List<RecordedEvent>();
            try
            {
                await foreach (var found in store.FollowAsync(0, ended.Token))
                {
                    seen.Add(found);
                    if (Value(found) == "the end")
                        break;
                }
            }
            catch (OperationCanceledException)
            {
                // What it has missed shows in the comparison.
            }

            return seen;
        })).ToList();
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var store = stores[writer % 2];
            var version = 0L;
            while (!done.IsCancellationRequested)
            {
                try
                {
                    await store.AppendAsync([To($"writer/{writer}", version, $"{version}")]);
                    Volatile.Write(ref acknowledged[writer], ++version);
                }
                catch (WrongExpectedVersionException conflict)
                {
                    // The append of unknown outcome was there after all.
                    Assert.Equal(version + 1, conflict.Actual);
                    version = conflict.Actual;
                }
                catch (EventStoreUnavailableException)
                {
                    await Task.Delay(50);
                }
            }
        })).ToList();

        for (var kill = 0; kill < Kills; kill++)
        {
            var before = acknowledged.Sum();
            await WaitForAsync(() => Task.FromResult(acknowledged.Sum() >= before + 20 || writers.Exists(static w => w.IsFaulted)));
            await Task.Delay(Random.Shared.Next(100));
            await server.KillAsync();
            await server.StartAsync();
        }

        var last = acknowledged.Sum();
        await WaitForAsync(() => Task.FromResult(acknowledged.Sum() > last || writers.Exists(static w => w.IsFaulted)));
        await done.CancelAsync();
        await Task.WhenAll(writers);

        await using var fresh = await PostgresEventStore.OpenAsync(address);
        await fresh.AppendAsync([To("end", 0, "the end")]);
        var log = await fresh.ReadAllAsync().ListAsync();
        Assert.Equal(Enumerable.Range(1, log.Count).Select(i => (long)i), log.Select(e => e.Position));
        for (var writer = 0; writer < Writers; writer++)
        {
            var mine = log.Where(e => e.Stream == $"writer/{writer}").Select(Value).ToList();
            Assert.True(mine.Count >= acknowledged[writer]);
            Assert.Equal(Enumerable.Range(0, mine.Count).Select(i => $"{i}"), mine);
        }

        foreach (var follower in followed)
            Assert.Equal(log.Select(e => (e.Position, e.Stream, Value(e))), (await follower).Select(e => (e.Position, e.Stream, Value(e))));
    }
}
