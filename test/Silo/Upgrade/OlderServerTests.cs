using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.Silo.Tests.Upgrade;

/// <summary>A server beside one that knows fewer event types, as in the middle of a rolling upgrade.</summary>
[Trait("Category", "Slow")]
public sealed class OlderServerTests : IAsyncLifetime
{
    private readonly PostgresServer _database = new();

    public Task InitializeAsync() => _database.InitializeAsync();

    public Task DisposeAsync() => _database.DisposeAsync();

    [SkippableFact]
    public async Task A_change_that_an_older_server_could_not_read_is_refused_until_that_server_is_gone_and_everything_else_goes_on()
    {
        PostgresServer.Require();
        var log = await _database.CreateDatabaseAsync();
        var server = await TestServer.StartAsync(("store", $"{log}"));
        try
        {
            var known = EventCodec.EventTypes.Keys.Where(type => type != "secret.created").ToList();
            await using var older = await PostgresEventStore.OpenAsync(log, vocabulary: new EventVocabulary("OrleansMesh 0.0.1", known));
            var lives = await older.Leases.TryAcquireAsync("silo/older");

            var refused = await server.PutAsync("/meshes/default/secrets/sesame", Documents.Secret("sesame"));
            Assert.Equal(503, refused.Status);
            var detail = (string)refused.Json["detail"]!;
            Assert.Contains("'secret.created'", detail, StringComparison.Ordinal);
            Assert.Contains("'silo/older' (OrleansMesh 0.0.1)", detail, StringComparison.Ordinal);
            Assert.Contains("nothing was changed", detail, StringComparison.Ordinal);
            Assert.Equal(404, (await server.GetAsync("/meshes/default/secrets/sesame")).Status);
            Assert.Equal(201, (await server.PutAsync("/meshes/beside", Documents.Mesh("beside"))).Status);

            await lives!.DisposeAsync();
            Assert.Equal(201, (await server.PutAsync("/meshes/default/secrets/sesame", Documents.Secret("sesame"))).Status);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_server_says_what_it_can_read_for_as_long_as_it_lives()
    {
        PostgresServer.Require();
        var log = await _database.CreateDatabaseAsync();
        var server = await TestServer.StartAsync(("store", $"{log}"));
        try
        {
            await using var newer = await PostgresEventStore.OpenAsync(log, vocabulary: new EventVocabulary("OrleansMesh 9", [.. EventCodec.EventTypes.Keys, "proxy.foreseen"]));
            var ahead = new StreamAppend("ahead", 0, [new NewEvent("proxy.foreseen", "{}"u8.ToArray(), new EventContext("system", DateTimeOffset.UtcNow))]);
            OlderServerException? refused = null;
            for (var end = DateTime.UtcNow.AddMinutes(1); refused is null; await Task.Delay(50))
            {
                Assert.True(DateTime.UtcNow < end, "the server never said that it lives");
                refused = await LeaseCountAsync(log) > 0 ? await Assert.ThrowsAsync<OlderServerException>(() => newer.AppendAsync([ahead])) : null;
            }

            Assert.Contains("OrleansMesh ", refused.Message, StringComparison.Ordinal);
            await server.StopAsync();
            await newer.AppendAsync([ahead]);

            // What it cannot read it does not start on.
            var stopped = await Assert.ThrowsAnyAsync<Exception>(server.InitializeAsync);
            Assert.Contains("event type 'proxy.foreseen' is not known to this version of the server", $"{stopped}", StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private async Task<int> LeaseCountAsync(PostgresAddress log) =>
        (await _database.ExecuteAsync(log.Database, "SELECT name FROM orleansmesh.leases WHERE name LIKE 'silo/%'")).Count;
}
