using OrleansMesh.EventStore.Postgres;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>Servers of different versions on one log: none writes what another that lives could not read.</summary>
[Collection(PostgresCollection.Name)]
public sealed class OlderServerTests(PostgresServer server)
{
    private static readonly EventVocabulary Older = new("OrleansMesh 1.0", ["Happened"]);
    private static readonly EventVocabulary Newer = new("OrleansMesh 1.1", ["Happened", "Foreseen"]);

    [SkippableFact]
    public async Task An_event_type_that_a_living_server_does_not_know_is_not_written_until_it_is_gone()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var older = await PostgresEventStore.OpenAsync(address, vocabulary: Older);
        await using var newer = await PostgresEventStore.OpenAsync(address, vocabulary: Newer);
        await using var alive = await newer.Leases.TryAcquireAsync("silo/newer");
        var lives = await older.Leases.TryAcquireAsync("silo/older");

        var refused = await Assert.ThrowsAsync<OlderServerException>(() => newer.AppendAsync([To("a", 0, "1"), new("b", 0, [Event(type: "Foreseen")])]));
        Assert.Equal(
            "an event of type 'Foreseen' cannot be written yet: the server with the lease 'silo/older' (OrleansMesh 1.0) does not know that type; upgrade it or stop it first",
            refused.Message);
        Assert.Equal(0, await newer.HeadAsync());
        await newer.AppendAsync([To("a", 0, "1")]);

        await lives!.DisposeAsync();
        await newer.AppendAsync([new("b", 0, [Event(type: "Foreseen")])]);
        Assert.Equal(["Happened", "Foreseen"], (await newer.ReadAllAsync().ListAsync()).Select(e => e.Type));
    }

    [SkippableFact]
    public async Task What_waits_beside_a_refused_append_is_written()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var older = await PostgresEventStore.OpenAsync(address, vocabulary: Older);
        await using var newer = await PostgresEventStore.OpenAsync(address, vocabulary: Newer);
        await using var lives = await older.Leases.TryAcquireAsync("silo/older");
        var appends = Enumerable.Range(0, 100)
            .Select(i => newer.AppendAsync([new($"s-{i}", 0, [Event(type: i % 2 == 0 ? "Happened" : "Foreseen")])]))
            .ToList();
        for (var i = 0; i < appends.Count; i++)
        {
            if (i % 2 == 0)
                await appends[i];
            else
                await Assert.ThrowsAsync<OlderServerException>(() => appends[i]);
        }

        Assert.All(await newer.ReadAllAsync().ListAsync(), e => Assert.Equal("Happened", e.Type));
        Assert.Equal(50, await newer.HeadAsync());
    }

    [SkippableFact]
    public async Task Who_died_and_who_does_not_go_on_reading_hold_nobody_up()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var older = await PostgresEventStore.OpenAsync(address, vocabulary: Older);
        await using var newer = await PostgresEventStore.OpenAsync(address, vocabulary: Newer);
        await using var copying = await PostgresEventStore.OpenAsync(address);
        await using var died = await older.Leases.TryAcquireAsync("silo/older");
        await using var copies = await copying.Leases.TryAcquireAsync("copy");
        await server.ExecuteAsync(address.Database, "UPDATE orleansmesh.leases SET expires = clock_timestamp() - interval '1 s' WHERE name = 'silo/older'");
        await newer.AppendAsync([new("b", 0, [Event(type: "Foreseen")])]);
    }

    [SkippableFact]
    public async Task A_lease_says_what_its_present_holder_can_read()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var older = await PostgresEventStore.OpenAsync(address, vocabulary: Older);
        await using var newer = await PostgresEventStore.OpenAsync(address, vocabulary: Newer);
        await using var before = await older.Leases.TryAcquireAsync("reconciler");
        await server.ExecuteAsync(address.Database, "UPDATE orleansmesh.leases SET expires = clock_timestamp() - interval '1 s'");
        await using var now = await newer.Leases.TryAcquireAsync("reconciler");
        Assert.NotNull(now);
        await newer.AppendAsync([new("b", 0, [Event(type: "Foreseen")])]);
    }

    [SkippableFact]
    public async Task Tables_from_before_are_added_to_and_tables_with_later_additions_are_used_as_they_are()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using (var first = await PostgresEventStore.OpenAsync(address))
            await first.AppendAsync([To("a", 0, "1")]);
        await server.ExecuteAsync(
            address.Database,
            "ALTER TABLE orleansmesh.leases DROP COLUMN program, DROP COLUMN event_types; ALTER TABLE orleansmesh.schema_version DROP COLUMN additions");
        await using (var second = await PostgresEventStore.OpenAsync(address, vocabulary: Newer))
        await using (await second.Leases.TryAcquireAsync("silo/newer"))
        {
            await second.AppendAsync([To("a", 1, "2")]);
            Assert.Equal(["OrleansMesh 1.1"], await server.ExecuteAsync(address.Database, "SELECT program FROM orleansmesh.leases"));
        }

        Assert.Equal(["1"], await server.ExecuteAsync(address.Database, "SELECT version FROM orleansmesh.schema_version"));
        await server.ExecuteAsync(address.Database, "UPDATE orleansmesh.schema_version SET additions = 1000");
        await using (var third = await PostgresEventStore.OpenAsync(address))
            await third.AppendAsync([To("a", 2, "3")]);
        Assert.Equal(["1000"], await server.ExecuteAsync(address.Database, "SELECT additions FROM orleansmesh.schema_version"));
    }
}
