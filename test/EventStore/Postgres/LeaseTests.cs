using OrleansMesh.EventStore.Postgres;
using static OrleansMesh.EventStore.Tests.Postgres.FollowingTests;

namespace OrleansMesh.EventStore.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class LeaseTests(PostgresServer server)
{
    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_holder_that_cannot_reach_the_database_knows_that_it_lost_the_lease_before_another_has_it()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var relay = new PostgresRelay(server.Port);
        await using var cutOff = await PostgresEventStore.OpenAsync(address with { Port = relay.Port });
        await using var other = await PostgresEventStore.OpenAsync(address);
        var held = await cutOff.Leases.TryAcquireAsync("sweep");
        Assert.NotNull(held);
        Assert.Null(await other.Leases.TryAcquireAsync("sweep"));

        relay.Partition();
        ILease? taken = null;
        await WaitForAsync(async () => (taken = await other.Leases.TryAcquireAsync("sweep")) is not null);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.False(taken!.Lost.IsCancellationRequested);

        relay.Cut();
        relay.Heal();
        await held.DisposeAsync();
        await WaitForAsync(() => Task.FromResult(cutOff.Availability.Problem is null));
        Assert.Null(await cutOff.Leases.TryAcquireAsync("sweep"));
        await taken.DisposeAsync();
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_lease_is_kept_for_as_long_as_it_is_renewed_and_lost_when_its_row_is_another_holders()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        await using var held = await store.Leases.TryAcquireAsync("sweep");
        var first = await ExpiryAsync();
        await WaitForAsync(async () => string.CompareOrdinal(await ExpiryAsync(), first) > 0);
        Assert.False(held!.Lost.IsCancellationRequested);

        await server.ExecuteAsync(address.Database, "UPDATE orleansmesh.leases SET holder = gen_random_uuid()");
        await WaitForAsync(() => Task.FromResult(held.Lost.IsCancellationRequested));

        async Task<string> ExpiryAsync() =>
            Assert.Single(await server.ExecuteAsync(address.Database, "SELECT to_char(expires AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM orleansmesh.leases"));
    }
}
