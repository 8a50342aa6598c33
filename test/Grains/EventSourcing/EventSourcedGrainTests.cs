using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Secrets;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.EventSourcing;

public sealed class EventSourcedGrainTests : IAsyncLifetime
{
    /// <summary>Of the snapshots that this version writes.</summary>
    private const int Schema = 3;

    private TestServer _server = null!;

    private IMeshGrain Mesh => _server.Grains.GetGrain<IMeshGrain>("default");

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(new GrainOptions { SnapshotInterval = 5 });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task What_is_acknowledged_is_there_after_a_restart_with_who_did_it()
    {
        var applied = await Mesh.ApplyMesh(SecureMesh, Operator);
        Assert.Equal((Outcome.Created, 1L), (applied.Outcome, applied.Position));
        await _server.RestartAsync();
        Assert.Equal(Outcome.Unchanged, (await Mesh.ApplyMesh(SecureMesh, Operator)).Outcome);
        var recorded = await FirstAsync(_server.Store.ReadAllAsync());
        Assert.Equal(("mesh/default", "mesh.created"), (recorded.Stream, recorded.Type));
        Assert.Equal(new EventContext("user:tester", _server.Time.GetUtcNow(), "request-1"), recorded.Context);
    }

    [Fact]
    public async Task Of_a_long_stream_that_has_no_snapshot_only_the_first_activation_reads_all()
    {
        const int Events = 20_000;
        var rounds = new[] { 1, 2 }.Select(port => EventCodec.Encode(
            new EndpointsSet("web-1", [new Endpoint("10.0.0.1", port, TagSet.Of((TagSet.ServiceTag, "web")), true)]))).ToArray();
        for (var done = 0; done < Events; done += 5000)
        {
            await _server.Store.AppendAsync([new StreamAppend("service/default/web", done, [.. Enumerable.Range(0, 5000).Select(
                i => new NewEvent(rounds[i % 2].Type, rounds[i % 2].Data, new EventContext("proxy:default/web-1", _server.Time.GetUtcNow())))])]);
        }

        Assert.Equal(Events + 1, await _server.Grains.GetGrain<IServiceGrain>("default/web").SetEndpoints("web-1", [], Operator));
        Assert.Equal(Events, _server.Store.StreamEventsRead);
        await _server.RestartSiloAsync();
        Assert.Equal(0, await _server.Grains.GetGrain<IServiceGrain>("default/web").SetEndpoints("web-1", [], Operator));
        Assert.InRange(_server.Store.StreamEventsRead, Events, Events + 5);
    }

    [Fact]
    public async Task A_second_activation_in_another_silo_is_safe()
    {
        var other = _server.AddSilo().GetGrain<IMeshGrain>("default");
        await Mesh.ApplyMesh(PlainMesh, Operator);
        Assert.Equal(Outcome.Created, (await other.ApplyTrafficPermission(Permission("a", "web", "api"), Operator)).Outcome);
        Assert.Equal(Outcome.Created, (await Mesh.ApplyTrafficPermission(Permission("b", "web", "api"), Operator)).Outcome);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? Mesh : other).ApplyTrafficPermission(Permission($"p{i}", "web", "api"), Operator)));
        Assert.All(results, result => Assert.Equal(Outcome.Created, result.Outcome));
        Assert.Equal(22, (await _server.EventsAsync("mesh/default")).OfType<TrafficPermissionCreated>().Select(e => e.Permission.Name).Distinct().Count());
    }

    [Fact]
    public async Task What_another_silo_appended_is_notified_when_it_is_found()
    {
        await Mesh.ApplyMesh(SecureMesh, Operator);
        var session = await ConnectAsync();
        await _server.AddSilo().GetGrain<IMeshGrain>("default").ApplyTrafficPermission(Permission("a", "web", "api"), Operator);
        await Mesh.ApplyTrafficPermission(Permission("b", "web", "other"), Operator);
        Assert.Equal("a", (await session.NextViewAsync()).Inbounds[0].Permission?.Name);
        GC.KeepAlive(session);
    }

    [Fact]
    public async Task What_another_silo_appended_is_notified_although_the_first_read_of_it_broke_off()
    {
        await Mesh.ApplyMesh(SecureMesh, Operator);
        var session = await ConnectAsync();
        var other = _server.AddSilo().GetGrain<IMeshGrain>("default");
        await other.ApplyTrafficPermission(Permission("a", "web", "api"), Operator);
        await other.ApplyTrafficPermission(Permission("b", "web", "other"), Operator);
        _server.Store.BreaksOff = stream => stream == "mesh/default";
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => Mesh.ApplyTrafficPermission(Permission("c", "web", "other"), Operator));
        _server.Store.BreaksOff = _ => false;
        await Mesh.ApplyTrafficPermission(Permission("c", "web", "other"), Operator);
        Assert.Equal("a", (await session.NextViewAsync()).Inbounds[0].Permission?.Name);
        GC.KeepAlive(session);
    }

    [Fact]
    public async Task What_was_stored_although_its_command_failed_is_notified_although_no_command_follows()
    {
        await Mesh.ApplyMesh(SecureMesh, Operator);
        await Mesh.ApplyTrafficPermission(Permission("a", "web", "api"), Operator);
        var session = await ConnectAsync();
        _server.Store.ForgetsToAnswer = stream => stream == "mesh/default";
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => Mesh.DeleteTrafficPermission("a", Operator));
        _server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null((await session.NextViewAsync()).Inbounds[0].Permission);
        GC.KeepAlive(session);
    }

    [Fact]
    public async Task A_store_that_fails_fails_the_command_and_nothing_is_decided_on_what_may_not_be()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        _server.Store.Refuses = _ => true;
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => Mesh.ApplyTrafficPermission(Permission("a", "web", "api"), Operator));
        _server.Store.Refuses = _ => false;
        Assert.Equal(Outcome.Created, (await Mesh.ApplyTrafficPermission(Permission("a", "web", "api"), Operator)).Outcome);

        _server.Store.ForgetsToAnswer = _ => true;
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => Mesh.ApplyTrafficPermission(Permission("b", "web", "api"), Operator));
        _server.Store.ForgetsToAnswer = _ => false;
        Assert.Equal(Outcome.Deleted, (await Mesh.DeleteTrafficPermission("b", Operator)).Outcome);
    }

    [Fact]
    public async Task An_activation_goes_on_from_the_snapshot()
    {
        await ApplyPermissionsAsync(12);
        var snapshot = await _server.Store.ReadSnapshotAsync("mesh/default", Schema);
        Assert.Equal(10, snapshot!.Version);
        await _server.RestartSiloAsync();
        Assert.Equal(Outcome.Unchanged, (await Mesh.ApplyTrafficPermission(Permission("p3", "web", "api"), Operator)).Outcome);
        Assert.Equal(Outcome.Unchanged, (await Mesh.ApplyTrafficPermission(Permission("p11", "web", "api"), Operator)).Outcome);

        // Only a state that was read from the snapshot can lack what is in the events below its version.
        var forged = Encoding.UTF8.GetString(snapshot.Data.Span).Replace("\"p3\"", "\"p3x\"", StringComparison.Ordinal);
        await _server.Store.SaveSnapshotAsync(snapshot with { Version = 11, Data = Encoding.UTF8.GetBytes(forged) });
        await _server.RestartSiloAsync();
        Assert.Equal(Outcome.NotFound, (await Mesh.DeleteTrafficPermission("p3", Operator)).Outcome);
    }

    [Fact]
    public async Task Every_kind_of_snapshot_reads_back_as_the_fold_of_its_events()
    {
        await using var server = await TestServer.StartAsync(new GrainOptions { SnapshotInterval = 1 });
        var mesh = server.Grains.GetGrain<IMeshGrain>("default");
        var proxy = server.Grains.GetGrain<IProxyGrain>("default/api-1");
        var session = new RecordingSession();
        await mesh.ApplyMesh(SecureMesh, Operator);
        await mesh.ApplyTrafficPermission(Permission("a", "web", "api"), Operator);
        await mesh.IssueDataplaneToken(new DataplaneTokenRequest("", [], "", TimeSpan.FromDays(1)), Operator);
        await proxy.Connect(
            Connection("s1", Dataplane("api-1", "api", "tcp", calls: ["db"])), server.Grains.CreateObjectReference<IProxySessionObserver>(session), Operator);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await proxy.IssueCertificate("s1", ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()));
        await proxy.ReportListening("s1");
        await proxy.ReportRejected("s1", new ConfigurationRejection("type", ["listener"], "no such filter"));
        await mesh.ChangeTokens(new RevokeTokens(["b", "a"]), Operator);
        await server.Grains.GetGrain<ISecretsGrain>(SecretsKeys.Global).Apply(new SecretResource(null, "s", new SecretData("x"u8)), Operator);
        var access = server.Grains.GetGrain<IAccessGrain>(IAccessGrain.Key);
        await access.ApplyRole(new AccessRole("r", [new AccessRule([Right.Read], ["Mesh"], [], "default")]), Operator);
        await access.ApplyBinding(new AccessRoleBinding("b", [new(AccessSubjectType.Group, "g")], ["r"]), Operator);
        await access.IssueUserToken(new UserTokenRequest("john", [], TimeSpan.FromDays(1)), Operator);
        GC.KeepAlive(session);

        await AssertFoldAsync<SecretsState, SecretEvent>("secrets/global", SecretsState.Empty, SecretsDecider.Evolve);
        await AssertFoldAsync<AccessState, AccessEvent>("access/global", AccessState.Empty, AccessDecider.Evolve);
        await AssertFoldAsync<MeshState, MeshEvent>("mesh/default", MeshState.Empty, MeshDecider.Evolve);
        await AssertFoldAsync<ProxyState, ProxyEvent>("proxy/default/api-1", ProxyState.Empty, ProxyDecider.Evolve);
        await AssertFoldAsync<ServiceState, ServiceEvent>("service/default/api", ServiceState.Empty, ServiceDecider.Evolve);
        await AssertFoldAsync<AuthorityState, AuthorityEvent>("ca/default/ca-1", AuthorityState.Empty, AuthorityDecider.Evolve);

        async Task AssertFoldAsync<TState, TEvent>(string stream, TState empty, Func<TState, TEvent, TState> evolve)
        {
            var events = await server.EventsAsync(stream);
            var snapshot = await server.Store.ReadSnapshotAsync(stream, Schema);
            Assert.Equal(events.Count, snapshot!.Version);
            Assert.NotEqual(empty, events.Cast<TEvent>().Aggregate(empty, evolve));
            Assert.Equal(events.Cast<TEvent>().Aggregate(empty, evolve), JsonSerializer.Deserialize<TState>(snapshot.Data.Span, DomainJson.Options));
        }
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_saves_nothing_and_loses_nothing()
    {
        await ApplyPermissionsAsync(12);
        await _server.Store.SaveSnapshotAsync(new StreamSnapshot("mesh/default", 12, Schema, "{\"mesh\":7}"u8.ToArray()));
        await _server.RestartSiloAsync();
        Assert.Equal(Outcome.Unchanged, (await Mesh.ApplyTrafficPermission(Permission("p3", "web", "api"), Operator)).Outcome);
    }

    [Theory]
    [InlineData("mesh.renamed", "{}")]
    [InlineData("mesh.created", "{}")]
    [InlineData("proxy.left", "{}")]
    public async Task A_stream_that_cannot_be_replayed_fails_its_grain(string type, string data)
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        await _server.Store.AppendAsync(
            [new StreamAppend("mesh/default", 1, [new NewEvent(type, Encoding.UTF8.GetBytes(data), new EventContext("system", DateTimeOffset.UnixEpoch))])]);
        await _server.RestartSiloAsync();
        await Assert.ThrowsAsync<Domain.Events.UnreadableEventException>(() => Mesh.ApplyMesh(SecureMesh, Operator));
        await Assert.ThrowsAsync<Domain.Events.UnreadableEventException>(() => Mesh.GetTokenRules());
    }

    private async Task<RecordingSession> ConnectAsync()
    {
        var session = new RecordingSession();
        await _server.Grains.GetGrain<IProxyGrain>("default/api-1").Connect(
            Connection("s1", Dataplane("api-1", "api")), _server.Grains.CreateObjectReference<IProxySessionObserver>(session), Operator);
        return session;
    }

    private async Task ApplyPermissionsAsync(int count)
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        for (var i = 1; i < count; i++)
            await Mesh.ApplyTrafficPermission(Permission($"p{i}", "web", "api"), Operator);
    }

    private static async Task<RecordedEvent> FirstAsync(IAsyncEnumerable<RecordedEvent> events)
    {
        await foreach (var recorded in events)
            return recorded;
        throw new InvalidOperationException("there are no events");
    }
}
