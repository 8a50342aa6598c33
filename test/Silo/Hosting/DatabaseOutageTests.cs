using System.Net;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.Silo.Tests.Hosting;

/// <summary>What a server on PostgreSQL does while its database is away. Alone: metrics are those of the process, and other tests' servers have databases that are there.</summary>
[Collection(AloneCollection.Name)]
[Trait("Category", "Slow")]
public sealed class DatabaseOutageTests : IAsyncLifetime
{
    private readonly PostgresServer _database = new();

    public Task InitializeAsync() => _database.InitializeAsync();

    public Task DisposeAsync() => _database.DisposeAsync();

    [SkippableFact]
    public async Task Reads_go_on_commands_are_told_why_not_and_all_recovers_by_itself()
    {
        PostgresServer.Require();
        var server = await TestServer.StartAsync(("store", $"{await _database.CreateDatabaseAsync()}"));
        try
        {
            Assert.Equal(201, (await server.PutAsync("/meshes/before", Documents.Mesh("before"))).Status);
            Assert.Equal(HttpStatusCode.OK, await ReadinessAsync(server));

            await _database.KillAsync();
            await EventuallyAsync(async () => await ReadinessAsync(server) == HttpStatusCode.ServiceUnavailable);
            Assert.Contains("127.0.0.1", await (await server.Diagnostics.GetAsync("/ready")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Contains("eventstore_available 0", await server.Diagnostics.GetStringAsync("/metrics"), StringComparison.Ordinal);
            Assert.Equal("healthy\n", await server.Diagnostics.GetStringAsync("/healthy"));
            Assert.Equal(200, (await server.GetAsync("/meshes/before")).Status);
            var refused = await server.PutAsync("/meshes/during", Documents.Mesh("during"));
            Assert.Equal(503, refused.Status);
            Assert.Contains("cannot be used now", (string)refused.Json["detail"]!, StringComparison.Ordinal);

            await _database.StartAsync();
            await EventuallyAsync(async () => await ReadinessAsync(server) == HttpStatusCode.OK);
            await EventuallyAsync(async () => (await server.PutAsync("/meshes/after", Documents.Mesh("after"))).Status is 200 or 201);
            Assert.Equal(200, (await server.GetAsync("/meshes/after")).Status);
            Assert.Null(server.Server.Failure);

            await server.RestartAsync();
            Assert.Equal(200, (await server.GetAsync("/meshes/before")).Status);
            Assert.Equal(200, (await server.GetAsync("/meshes/after")).Status);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_server_with_another_key_encryption_key_is_refused()
    {
        PostgresServer.Require();
        var store = ("store", $"{await _database.CreateDatabaseAsync()}");
        var first = await TestServer.StartAsync(store);
        Assert.Equal(200, (await first.PostAsync("/tokens/dataplane", """{"mesh":"default"}""")).Status);
        try
        {
            // A folder of its own, and so no key, or one of its own.
            await Assert.ThrowsAsync<EventStore.Secrets.SecretUnavailableException>(() => TestServer.StartAsync(store));
        }
        finally
        {
            await first.DisposeAsync();
        }
    }

    private static async Task<HttpStatusCode> ReadinessAsync(TestServer server)
    {
        using var answer = await server.Diagnostics.GetAsync("/ready");
        return answer.StatusCode;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow.AddMinutes(1); !await condition(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < end, "what was waited for did not come");
    }
}
