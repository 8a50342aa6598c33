using System.Net;
using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Tests.Hosting;

public sealed class LifeTests
{
    private static readonly string[] Reads =
    [
        "/meshes", "/dataplanes", "/traffic-permissions", "/dataplanes/_overview", "/mesh-insights", "/service-insights",
        "/meshes/m/dataplanes/web-1/_inspect", "/meshes/m/traffic-permissions/p/dataplanes",
    ];

    [Fact]
    public async Task A_restart_keeps_everything()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        await server.It.PutAsync("/meshes/m", Documents.Mesh("m", mtls: true));
        await server.It.PutAsync("/meshes/m/dataplanes/web-1", Documents.Dataplane("m", "web-1", "web"));
        await server.It.PutAsync("/meshes/m/traffic-permissions/p", Documents.Permission("m", "p", "a", "web"));
        await server.It.PutAsync("/meshes/m/traffic-permissions/p", Documents.Permission("m", "p", "b", "web"));
        await server.It.PutAsync("/meshes/gone", Documents.Mesh("gone"));
        await server.It.DeleteAsync("/meshes/gone");
        var authority = await File.ReadAllTextAsync(Path.Combine(server.It.Data, "dp-server-ca.crt"));
        await TellsOfAuthorities(server.It);
        var before = await Read(server.It);

        await server.It.RestartAsync();

        await TellsOfAuthorities(server.It);
        Assert.Equal(before, await Read(server.It));
        Assert.Equal(authority, await File.ReadAllTextAsync(Path.Combine(server.It.Data, "dp-server-ca.crt")));
    }

    [Fact]
    public async Task The_default_mesh_is_made_once_and_stays_deleted()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        Assert.Equal(200, (await server.It.GetAsync("/meshes/default")).Status);
        await server.It.RestartAsync();
        Assert.Equal(200, (await server.It.GetAsync("/meshes/default")).Status);

        Assert.Equal(200, (await server.It.DeleteAsync("/meshes/default")).Status);
        await server.It.RestartAsync();

        Assert.Equal(404, (await server.It.GetAsync("/meshes/default")).Status);
    }

    [Fact]
    public async Task The_default_mesh_is_not_made_where_it_is_switched_off()
    {
        await using var server = new Lease(await TestServer.StartAsync(("defaultMesh", "false")));
        Assert.Empty((await server.It.GetAsync("/meshes")).Items);
    }

    [Fact]
    public async Task A_stopped_server_leaves_no_ports_file_and_lets_go_of_its_data()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        await server.It.StopAsync();

        Assert.False(File.Exists(Path.Combine(server.It.Data, "ports.json")));
        await using var another = await Server.OpenAsync(TestServer.Configuration(server.It.Data));
    }

    [Fact]
    public async Task A_start_deletes_what_a_deleted_mesh_left_and_a_new_mesh_of_that_name_is_empty()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        await server.It.PutAsync("/meshes/m", Documents.Mesh("m"));
        await server.It.PutAsync("/meshes/m/dataplanes/web-1", Documents.Dataplane("m", "web-1", "web"));
        var deleted = await server.It.Server.Services.GetRequiredService<IGrainFactory>().GetGrain<IMeshGrain>("m").DeleteMesh(Caller.System);
        Assert.Equal(Outcome.Deleted, deleted.Outcome);

        await server.It.RestartAsync();
        await server.It.PutAsync("/meshes/m", Documents.Mesh("m"));

        Assert.Empty((await server.It.GetAsync("/meshes/m/dataplanes")).Items);
        Assert.Empty((await server.It.GetAsync("/meshes/m/service-insights")).Items);
    }

    [Fact]
    public async Task Two_servers_cannot_have_the_same_data()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => Server.OpenAsync(TestServer.Configuration(server.It.Data)));
        Assert.Equal(200, (await server.It.GetAsync("/meshes")).Status);
    }

    [Fact]
    public async Task An_event_that_cannot_be_folded_stops_the_server_instead_of_being_skipped()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        var store = server.It.Server.Services.GetRequiredService<IEventStore>();
        var stopping = server.It.Server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        await store.AppendAsync([new StreamAppend("mesh/strange", 0, [new("mesh.from-the-future", "{}"u8.ToArray(), new("test", DateTimeOffset.UtcNow))])]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(30), stopping));
        Assert.Contains("mesh.from-the-future", server.It.Server.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_log_is_replayed_the_server_is_healthy_but_not_ready_and_answers_no_read()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        server.It.Server.Services.GetRequiredService<Readiness>().WaitFor("the event log to be replayed");

        Assert.Equal(HttpStatusCode.OK, (await server.It.Diagnostics.GetAsync("/healthy")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.It.Diagnostics.GetAsync("/ready")).StatusCode);
        Assert.Equal(503, (await server.It.GetAsync("/meshes")).Status);
    }

    [Fact]
    public async Task A_server_that_stops_is_not_ready_from_the_first_moment()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        var readiness = server.It.Server.Services.GetRequiredService<Readiness>();
        server.It.Server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.False(readiness.IsReady);
        readiness.Ready();
        Assert.False(readiness.IsReady);
    }

    [Fact]
    public async Task Events_say_who_asked_and_by_which_request()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var server = new Lease(await TestServer.StartAsync());
        var made = await server.It.SendAsync(
            HttpMethod.Put, "/meshes/traced", Documents.Mesh("traced"), "application/json", ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"));
        var other = await server.It.PutAsync("/meshes/traced", Documents.Mesh("traced", mtls: true));

        var events = new List<RecordedEvent>();
        await foreach (var recorded in server.It.Server.Services.GetRequiredService<IEventStore>().ReadStreamAsync("mesh/traced"))
            events.Add(recorded);
        Assert.Equal(2, events.Count);
        Assert.All(events, e => Assert.Equal("user:mesh-system:admin", e.Context.Actor));
        Assert.Equal([$"trace:{Trace}", Assert.Single(other.Headers.GetValues("X-Request-Id"))], events.Select(e => e.Context.Cause));
        Assert.Equal($"trace:{Trace}", Assert.Single(made.Headers.GetValues("X-Request-Id")));
    }

    // Whether an authority can sign is asked from time to time.
    private static async Task TellsOfAuthorities(TestServer server)
    {
        for (var end = DateTime.UtcNow.AddSeconds(30); (await server.GetAsync("/mesh-insights/m")).Json["mTLS"]!["authorities"] is null; await Task.Delay(20))
            Assert.True(DateTime.UtcNow < end, "the mesh's insight does not tell of its authorities");
    }

    private static async Task<string> Read(TestServer server)
        => string.Join('\n', await Task.WhenAll(Reads.Select(async path => $"{path} {(await server.GetAsync(path)).Text}")));

    private sealed class Lease(TestServer server) : IAsyncDisposable
    {
        public TestServer It => server;

        public async ValueTask DisposeAsync() => await server.DisposeAsync();
    }
}
