using OrleansMesh.EventStore.Postgres;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>What servers that share a log hear of one another's appends.</summary>
[Collection(PostgresCollection.Name)]
public sealed class FollowingTests(PostgresServer server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Two_servers_see_each_others_events_in_one_order()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var one = await PostgresEventStore.OpenAsync(address);
        await using var other = await PostgresEventStore.OpenAsync(address);
        var followers = new[] { one, other }.Select(store => TakeAsync(store, 40)).ToList();
        for (var i = 0; i < 20; i++)
        {
            await one.AppendAsync([To("shared", 2 * i, $"one {i}")]);
            await other.AppendAsync([To("shared", (2 * i) + 1, $"other {i}")]);
        }

        var seen = await Task.WhenAll(followers);
        Assert.Equal(Enumerable.Range(0, 20).SelectMany(i => new[] { $"one {i}", $"other {i}" }), seen[0].Select(Value));
        Assert.Equal(seen[0].Select(Value), seen[1].Select(Value));
    }

    [SkippableFact]
    public async Task Of_two_servers_that_append_at_one_version_exactly_one_succeeds_and_the_other_is_told_the_version()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var one = await PostgresEventStore.OpenAsync(address);
        await using var other = await PostgresEventStore.OpenAsync(address);
        for (var version = 0; version < 20; version++)
        {
            var conflicts = new List<WrongExpectedVersionException>();
            await Task.WhenAll(new[] { one, other }.Select(async store =>
            {
                try
                {
                    await store.AppendAsync([To("contended", version, "x")]);
                }
                catch (WrongExpectedVersionException conflict)
                {
                    lock (conflicts)
                        conflicts.Add(conflict);
                }
            }));
            Assert.Equal(version + 1, Assert.Single(conflicts).Actual);
        }
    }

    [SkippableFact]
    public async Task A_lost_notification_delays_an_event_and_does_not_lose_it()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var relay = new PostgresRelay(server.Port);
        await using var deaf = await PostgresEventStore.OpenAsync(address with { Port = relay.Port });
        await using var other = await PostgresEventStore.OpenAsync(address);
        await other.AppendAsync([To("a", 0, "heard")]);
        Assert.Equal(["heard"], (await TakeAsync(deaf, 1)).Select(Value));
        await WaitForAsync(async () => (await server.ExecuteAsync(
            "postgres", $"SELECT 1 FROM pg_stat_activity WHERE datname = '{address.Database}' AND application_name = 'OrleansMesh listener'")).Count == 2);

        relay.LoseNotifications(true);
        await other.AppendAsync([To("a", 1, "not heard")]);
        Assert.Equal(["not heard"], (await TakeAsync(deaf, 1, after: 1)).Select(Value));
        Assert.True(relay.Lost > 0);
    }

    [SkippableFact]
    public async Task A_listening_connection_that_drops_misses_nothing()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        await using var other = await PostgresEventStore.OpenAsync(address);
        var follower = TakeAsync(store, 20);
        for (var i = 0; i < 20; i++)
        {
            if (i % 5 == 0)
            {
                await WaitForAsync(async () => (await server.ExecuteAsync(
                    "postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{address.Database}' AND application_name = 'OrleansMesh listener'")).Count == 2);
            }

            await WaitForAsync(async () =>
            {
                try
                {
                    await other.AppendAsync([To("a", i, $"{i}")]);
                    return true;
                }
                catch (EventStoreUnavailableException)
                {
                    return false;
                }
            });
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), (await follower).Select(Value));
    }

    internal static async Task<List<RecordedEvent>> TakeAsync(IEventStore store, int count, long after = 0)
    {
        using var ended = new CancellationTokenSource(Patience);
        var seen = new List<RecordedEvent>();
        await foreach (var found in store.FollowAsync(after, ended.Token))
        {
            seen.Add(found);
            if (seen.Count == count)
                break;
        }

        return seen;
    }

    internal static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow + Patience; !await condition(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < end, "what was waited for did not come");
    }
}
