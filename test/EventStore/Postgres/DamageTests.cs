using System.Globalization;
using OrleansMesh.EventStore.Postgres;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>What was changed behind the store's back shows, at opening or when it is read.</summary>
[Collection(PostgresCollection.Name)]
public sealed class DamageTests(PostgresServer server)
{
    [SkippableTheory]
    [InlineData("DELETE FROM orleansmesh.events WHERE position = 4", 4)]
    [InlineData("UPDATE orleansmesh.events SET chain = decode(repeat('00', 32), 'hex') WHERE position = 4", 4)]
    [InlineData("UPDATE orleansmesh.head SET chain = decode(repeat('00', 32), 'hex')", 4)]
    [InlineData("UPDATE orleansmesh.head SET position = 3", 4)]
    public async Task Damage_at_the_end_shows_at_opening(string sql, long position)
    {
        PostgresServer.Require();
        var address = await LogOfFourAsync();
        await server.ExecuteAsync(address.Database, sql);
        Assert.Equal(position, (await Assert.ThrowsAsync<LogDamagedException>(() => PostgresEventStore.OpenAsync(address))).Position);
    }

    [SkippableTheory]
    [InlineData("DELETE FROM orleansmesh.events WHERE position = 2", 2)]
    [InlineData("UPDATE orleansmesh.events SET data = '\\x7b7d' WHERE position = 2", 2)]
    [InlineData("UPDATE orleansmesh.events SET actor = 'user:eve' WHERE position = 3", 3)]
    [InlineData("UPDATE orleansmesh.events SET at = at + 1 WHERE position = 1", 1)]
    [InlineData("UPDATE orleansmesh.events SET stream = 'other' WHERE position = 2", 2)]
    public async Task Damage_before_the_end_shows_when_it_is_read(string sql, long position)
    {
        PostgresServer.Require();
        var address = await LogOfFourAsync();
        await server.ExecuteAsync(address.Database, sql);
        await using var store = await PostgresEventStore.OpenAsync(address);
        Assert.Equal(position, (await Assert.ThrowsAsync<LogDamagedException>(() => store.ReadAllAsync().ListAsync())).Position);
        Assert.Equal(position, (await Assert.ThrowsAsync<LogDamagedException>(() => FollowingTests.TakeAsync(store, 4))).Position);
        await Assert.ThrowsAsync<LogDamagedException>(() => store.ReadStreamAsync("a").ListAsync());
    }

    [SkippableFact]
    public async Task A_damaged_snapshot_is_not_used()
    {
        PostgresServer.Require();
        var address = await LogOfFourAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        await store.SaveSnapshotAsync(new StreamSnapshot("a", 4, 1, "{}"u8.ToArray()));
        Assert.NotNull(await store.ReadSnapshotAsync("a", 1));
        await server.ExecuteAsync(address.Database, "UPDATE orleansmesh.snapshots SET data = '\\x7b207d'");
        Assert.Null(await store.ReadSnapshotAsync("a", 1));
    }

    [SkippableFact]
    public async Task Pages_are_limited_by_bytes_as_well_as_by_events_and_are_whole()
    {
        PostgresServer.Require();
        await using var store = await PostgresEventStore.OpenAsync(await server.CreateDatabaseAsync());
        var large = System.Text.Encoding.ASCII.GetBytes($"\"{new string('x', 700_000)}\"");
        for (var i = 0; i < 5; i++)
            await store.AppendAsync([new StreamAppend("large", i, [Event() with { Data = large }]), To(string.Create(CultureInfo.InvariantCulture, $"s/{i}"), 0, "x")]);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), (await store.ReadAllAsync().ListAsync()).Select(e => e.Position));
        Assert.Equal([1, 2, 3, 4, 5], (await store.ReadStreamAsync("large").ListAsync()).Select(e => e.Version));
    }

    private async Task<PostgresAddress> LogOfFourAsync()
    {
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        await store.AppendAsync([To("a", 0, "1", "2", "3", "4")]);
        return address;
    }
}
