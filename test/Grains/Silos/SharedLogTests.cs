using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Silos;

/// <summary>Two silos that know nothing of one another but the log that they share.</summary>
public sealed class SharedLogTests : IAsyncLifetime
{
    private readonly List<RecordingSession> _sessions = [];
    private TestServer _server = null!;
    private TestSilo _here = null!;
    private TestSilo _there = null!;

    private IMeshGrain Here => _here.Grains.GetGrain<IMeshGrain>("default");

    private IMeshGrain There => _there.Grains.GetGrain<IMeshGrain>("default");

    public async Task InitializeAsync()
    {
        _server = await TestServer.StartAsync(new GrainOptions { SharesLog = true });
        _here = _server.AddOwnSilo();
        _there = _server.AddOwnSilo();
        await Here.ApplyMesh(SecureMesh, Operator);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_change_through_one_silo_reaches_the_proxies_of_the_other()
    {
        var session = await ConnectAsync(_there, "web-1", Dataplane("web-1", "web", calls: ["api"]));
        await Here.ApplyTrafficPermission(Permission("p", "other", "web"), Operator);
        Assert.Equal("p", (await session.NextViewAsync()).Inbounds[0].Permission?.Name);

        var endpoints = new RecordingEndpoints();
        var observed = await _there.Grains.GetGrain<IServiceGrain>("default/api").ObserveEndpoints(
            _there.Grains.CreateObjectReference<IServiceEndpointsObserver>(endpoints));
        Assert.Empty(observed.Endpoints);
        await _here.Grains.GetGrain<IProxyGrain>("default/api-1").ApplyDataplane(Dataplane("api-1", "api"), Operator);
        Assert.Equal([80], (await endpoints.NextAsync()).Endpoints.Select(e => e.Port));
        Assert.Equal(Domain.Resources.Protocol.Http, (await session.NextViewAsync()).Outbounds[0].Protocol);
        GC.KeepAlive(endpoints);
    }

    [Fact]
    public async Task Another_silos_authority_and_dataplane_are_heard_of_too()
    {
        var session = await ConnectAsync(_there, "web-1", Dataplane("web-1", "web"));
        var trust = await _there.Grains.GetGrain<ICertificateAuthorityGrain>("default/ca-1").GetAuthority(Backend("ca-1"), Operator);
        await _here.Grains.GetGrain<ICertificateAuthorityGrain>("default/ca-1").Delete(Operator);
        await FollowedAsync();
        Assert.NotEqual(
            trust.Id, (await _there.Grains.GetGrain<ICertificateAuthorityGrain>("default/ca-1").GetAuthority(Backend("ca-1"), Operator)).Id);

        await _here.Grains.GetGrain<IProxyGrain>("default/web-1").ApplyDataplane(Dataplane("web-1", "web", port: 81), Operator);
        Assert.Equal(81, (await session.NextViewAsync()).Inbounds[0].Port);
        await _here.Grains.GetGrain<IProxyGrain>("default/web-1").DeleteDataplane(Operator);
        Assert.Equal("its Dataplane was deleted", await session.EndAsync());
    }

    [Fact]
    public async Task A_secret_of_another_silo_is_read_when_the_log_has_been_followed_so_far_also_in_the_midst_of_a_write()
    {
        var (writing, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _server.Store.Before = stream => stream.StartsWith("secrets/", StringComparison.Ordinal) && writing.TrySetResult() ? goOn.Task : Task.CompletedTask;
        var (here, there) = (_here.Grains.GetGrain<ISecretsGrain>(SecretsKeys.OfMesh("default")), _there.Grains.GetGrain<ISecretsGrain>(SecretsKeys.OfMesh("default")));
        var written = there.Apply(new("default", "own", Data("mine"u8)), Operator);
        await writing.Task;
        await here.Apply(new("default", "db", Data("sesame"u8)), Operator);
        await FollowedAsync();

        var read = there.Read("db");
        goOn.SetResult();

        Assert.Equal(Data("sesame"u8), await read);
        Assert.Equal(Outcome.Created, (await written).Outcome);
        await FollowedAsync();
        Assert.Equal(Data("mine"u8), await here.Read("own"));

        static SecretData Data(ReadOnlySpan<byte> bytes) => new(bytes);
    }

    [Fact]
    public async Task What_another_silo_appends_activates_nothing()
    {
        await There.GetTokenRules();
        var active = _there.ActiveGrains;
        await _here.Grains.GetGrain<IMeshGrain>("second").ApplyMesh(new("second"), Operator);
        await _here.Grains.GetGrain<IProxyGrain>("second/api-1").ApplyDataplane(Dataplane("api-1", "api") with { Mesh = "second" }, Operator);
        await FollowedAsync();
        Assert.Equal(active, _there.ActiveGrains);
    }

    [Fact]
    public async Task What_a_silo_appends_itself_it_does_not_read()
    {
        await Here.ApplyTrafficPermission(Permission("first", "web", "api"), Operator);
        await FollowedAsync();
        var reads = _server.Store.Reads;
        for (var i = 0; i < 50; i++)
            await Here.ApplyTrafficPermission(Permission($"p{i}", "web", "api"), Operator);
        await FollowedAsync();
        await Here.GetTokenRules();
        Assert.Equal(reads, _server.Store.Reads);
    }

    [Fact]
    public async Task A_grain_that_could_not_read_what_it_was_woken_for_reads_it_later()
    {
        var session = await ConnectAsync(_there, "web-1", Dataplane("web-1", "web"));
        await Here.ApplyTrafficPermission(Permission("p", "a", "web"), Operator);
        Assert.Equal("p", (await session.NextViewAsync()).Inbounds[0].Permission?.Name);
        var reads = _server.Store.Reads;
        _server.Store.BreaksOff = stream => stream == "mesh/default";
        await Here.DeleteTrafficPermission("p", Operator);
        await Eventually.HoldsAsync(() => Task.FromResult(_server.Store.Reads > reads), "it was woken");
        _server.Store.BreaksOff = _ => false;
        Assert.Equal(0, session.Waiting);

        await Eventually.HoldsAsync(
            () =>
            {
                _there.Streams.WakeThoseBehind();
                return Task.FromResult(session.Waiting > 0);
            },
            "the sweep woke it again");
        Assert.Null((await session.NextViewAsync()).Inbounds[0].Permission);
    }

    /// <summary>What a silo knows may be late by a moment. It must not say by that, that nothing is to be done.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Commands_one_after_another_through_any_silo_are_answered_as_by_one(int seed)
    {
        var random = new Random(seed);
        Dictionary<string, string> model = [];
        for (var i = 0; i < 300; i++)
        {
            var mesh = random.Next(2) == 0 ? Here : There;
            var name = $"p{random.Next(3)}";
            if (random.Next(3) == 0)
            {
                var expected = model.Remove(name) ? Outcome.Deleted : Outcome.NotFound;
                Assert.Equal(expected, (await mesh.DeleteTrafficPermission(name, Operator)).Outcome);
            }
            else
            {
                var source = $"s{random.Next(2)}";
                var expected = !model.TryGetValue(name, out var before) ? Outcome.Created : before == source ? Outcome.Unchanged : Outcome.Changed;
                model[name] = source;
                Assert.Equal(expected, (await mesh.ApplyTrafficPermission(Permission(name, source, "api"), Operator)).Outcome);
            }
        }

        Assert.Equal(model.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} {p.Value}"), await PermissionsAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Commands_at_once_through_both_silos_each_get_the_answer_that_the_log_gives(int seed)
    {
        var random = new Random(seed);
        var commands = Enumerable.Range(0, 400).Select(i => (Silo: random.Next(2), Name: $"p{random.Next(5)}", Delete: random.Next(3) == 0, Id: i)).ToList();
        var answers = await Task.WhenAll(commands.Chunk(100).Select(async chunk =>
        {
            List<(string Name, bool Delete, int Id, CommandResult Result)> results = [];
            foreach (var (silo, name, delete, id) in chunk)
            {
                var mesh = silo == 0 ? Here : There;
                results.Add((name, delete, id, delete
                    ? await mesh.DeleteTrafficPermission(name, Operator)
                    : await mesh.ApplyTrafficPermission(Permission(name, $"s{id}", "api"), Operator)));
            }

            return results;
        }));

        // Each source is applied once, so each command that changed something has one event, at the position that its answer names, and of the kind that it says.
        var byPosition = new Dictionary<long, object>();
        await foreach (var recorded in _server.Store.ReadAllAsync())
            byPosition[recorded.Position] = EventCodec.Decode(recorded.Type, recorded.Data.Span);
        var changed = answers.SelectMany(a => a).Where(a => a.Result.Outcome != Outcome.NotFound).ToList();
        foreach (var (name, _, id, result) in changed)
        {
            Assert.Equal(
                result.Outcome switch
                {
                    Outcome.Created => (object)new TrafficPermissionCreated(Permission(name, $"s{id}", "api")),
                    Outcome.Changed => new TrafficPermissionChanged(Permission(name, $"s{id}", "api")),
                    Outcome.Deleted => new TrafficPermissionDeleted(name),
                    _ => throw new InvalidOperationException($"{result.Outcome}"),
                },
                byPosition[result.Position]);
        }

        Assert.Equal(changed.Count, changed.Select(c => c.Result.Position).Distinct().Count());
        Assert.Equal(changed.Count, byPosition.Values.Count(e => e is TrafficPermissionCreated or TrafficPermissionChanged or TrafficPermissionDeleted));
        Assert.Contains(answers.SelectMany(a => a), a => a.Result.Outcome == Outcome.NotFound);
    }

    private async Task<RecordingSession> ConnectAsync(TestSilo silo, string proxy, Domain.Resources.Dataplane dataplane)
    {
        var session = new RecordingSession();
        _sessions.Add(session);
        var connected = await silo.Grains.GetGrain<IProxyGrain>($"default/{proxy}").Connect(
            Connection($"{proxy}-s1", dataplane), silo.Grains.CreateObjectReference<IProxySessionObserver>(session), Operator);
        Assert.Null(connected.Refusal);
        return session;
    }

    private async Task FollowedAsync()
    {
        var head = await _server.Store.HeadAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(_here.Followed >= head && _there.Followed >= head), "both silos have followed the log");
    }

    private async Task<IEnumerable<string>> PermissionsAsync()
    {
        var state = (await _server.EventsAsync("mesh/default")).Cast<MeshEvent>().Aggregate(MeshState.Empty, MeshDecider.Evolve);
        return state.Permissions.Select(p => $"{p.Permission.Name} {p.Permission.Sources[0].Match.Service}");
    }
}
