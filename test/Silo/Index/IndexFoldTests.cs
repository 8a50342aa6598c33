using System.Text.Json;
using FsCheck.Xunit;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Tests.Index;

public sealed class IndexFoldTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Property(MaxTest = 300)]
    public void The_index_holds_what_each_streams_own_fold_gives(byte[] choices)
    {
        var log = Log.Of(choices);

        var index = log.Events.Aggregate(IndexState.Empty, IndexFold.Apply);

        Assert.Equal(log.Events.Count, index.Position);
        var reports = new[] { "proxy.certificate-issued", "proxy.configuration-rejected", "proxy.configuration-accepted" };
        Assert.Equal(log.Events.FindLast(e => !reports.Contains(e.Type))?.Position ?? 0, index.LastNews);
        foreach (var name in Log.Meshes)
        {
            var indexed = index.Meshes.GetValueOrDefault(name, IndexedMesh.Unknown);
            Assert.Equal(log.Mesh(name), indexed.State);
            Assert.Equal(log.Mesh(name).Mesh is not null, index.FindMesh(name) is not null);
            Assert.Equal(log.Mesh(name).Permissions.Select(p => p.Permission.Name), indexed.PermissionTimes.Keys);
            foreach (var proxy in Log.Proxies)
                Assert.Equal(log.Proxy(name, proxy), indexed.Proxies.GetValueOrDefault(proxy, IndexedProxy.Unknown).State);
        }
    }

    [Property(MaxTest = 300)]
    public void Times_connections_and_counts_are_those_of_the_events_that_made_them(byte[] choices)
    {
        var log = Log.Of(choices);
        var index = log.Events.Aggregate(IndexState.Empty, IndexFold.Apply);

        foreach (var (dataplane, proxy) in index.Meshes.Values.SelectMany(m => m.Dataplanes))
        {
            var stream = log.Events.Where(e => e.Stream == $"proxy/{dataplane.Mesh}/{dataplane.Name}").ToArray();
            var made = stream.Last(e => e.Type == "dataplane.created");
            var since = stream.Where(e => e.Version >= made.Version).ToArray();
            Assert.Equal(made.Context.At, proxy.Times!.Created);
            Assert.Equal(since.Last(e => e.Type is "dataplane.created" or "dataplane.changed").Context.At, proxy.Times.Modified);
            Assert.Equal(since.Count(e => e.Type == "proxy.certificate-issued"), proxy.CertificatesIssued);
            Assert.Equal(stream[^1].Context.At, proxy.LastChange);
            Assert.Equal(proxy.IsOnline, proxy.Subscription is { DisconnectedAt: null });
            Assert.Equal(stream.LastOrDefault(e => e.Type == "proxy.connected")?.Context.At, proxy.Subscription?.ConnectedAt);
            Assert.Equal(proxy.State.Rejections.Select(r => r.TypeUrl), proxy.RejectedSince.Keys);
        }
    }

    [Property(MaxTest = 200)]
    public void An_index_that_was_kept_goes_on_as_one_that_was_folded_from_the_start(byte[] choices, byte at)
    {
        var log = Log.Of(choices);
        var cut = log.Events.Count == 0 ? 0 : at % (log.Events.Count + 1);
        var kept = Json(log.Events.Take(cut).Aggregate(IndexState.Empty, IndexFold.Apply));

        var restored = JsonSerializer.Deserialize<IndexState>(kept, IndexJson.Options)!;

        Assert.Equal(kept, Json(restored));
        Assert.Equal(
            Json(log.Events.Aggregate(IndexState.Empty, IndexFold.Apply)), Json(log.Events.Skip(cut).Aggregate(restored, IndexFold.Apply)));

        static string Json(IndexState state) => JsonSerializer.Serialize(state, IndexJson.Options);
    }

    [Property(MaxTest = 200)]
    public void Each_proxy_of_which_something_is_left_to_do_is_seen_to_by_its_own_silo_or_by_one_for_all(byte[] choices)
    {
        var index = Log.Of(choices).Events.Aggregate(IndexState.Empty, IndexFold.Apply);
        var own = index.ConnectedTo("silo-0").ToHashSet();
        var unattended = index.Unattended(new HashSet<string> { "silo-0", "silo-1" });

        Assert.Subset(new HashSet<string> { "", "silo-0", "silo-1", "silo-2", "silo-3" }, index.SilosWithConnections().ToHashSet());
        foreach (var (meshName, mesh) in index.Meshes)
        {
            foreach (var (name, proxy) in mesh.Proxies)
            {
                var state = proxy.State;
                var held = mesh.Services.SelectMany(s => s.Value.State.Proxies.Where(p => p.Proxy == name).SelectMany(p => p.Endpoints.Select(e => (s.Key, e))));
                var offered = OfferedEndpoints.Of(state).SelectMany(o => o.Endpoints.Select(e => (o.Service, e)));
                var isConnected = state.Session is not null && state.Silo is "silo-0" or "silo-1";
                var goesAway = state.Session is null ? state.IsEphemeral : !isConnected;
                Assert.Equal(state.Session is not null && state.Silo == "silo-0", own.Contains(new(meshName, name)));
                Assert.Equal(goesAway || !offered.ToHashSet().SetEquals(held.Where(h => state.KnownServices.Contains(h.Key))), unattended.Contains(new(meshName, name)));
            }
        }
    }

    [Theory]
    [InlineData("mesh/m", "dataplane.deleted", """{"reason":"x"}""")]
    [InlineData("proxy/m", "proxy.left", "{}")]
    [InlineData("other/m", "mesh.deleted", "{}")]
    [InlineData("mesh/m", "mesh.unheard-of", "{}")]
    [InlineData("mesh/m", "mesh.created", "{}")]
    public void An_event_that_is_not_in_its_place_fails(string stream, string type, string data)
        => Assert.Throws<UnreadableEventException>(() => IndexFold.Apply(
            IndexState.Empty, new RecordedEvent(1, stream, 1, type, System.Text.Encoding.UTF8.GetBytes(data), new("test", Start))));

    [Fact]
    public async Task Waiting_ends_when_the_position_is_reached_and_fails_when_it_never_will_be()
    {
        var store = new GrowingLog();
        var index = new ResourceIndex();
        var seen = new List<(long Position, long Shown)>();
        var following = index.FollowAsync(store, e => seen.Add((e.Position, index.Current.Position)), CancellationToken.None);
        var second = index.WaitForAsync(2);
        var third = index.WaitForAsync(3);

        store.Add(Encode(1, "mesh/a", 1, new MeshCreated(new Mesh("a"))));
        store.Add(Encode(2, "mesh/b", 1, new MeshCreated(new Mesh("b"))));
        await second.WaitAsync(TimeSpan.FromSeconds(30));
        await index.WaitForAsync(1);
        Assert.False(third.IsCompleted);
        Assert.NotNull(index.Current.FindMesh("b"));

        store.Add(Encode(3, "mesh/a", 2, new MeshDeleted()) with { Type = "unknown" });
        await Assert.ThrowsAsync<UnreadableEventException>(() => following.WaitAsync(TimeSpan.FromSeconds(30)));
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => third);
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => index.WaitForAsync(4));
        Assert.Equal(2, index.Current.Position);
        Assert.Equal([(1, 0), (2, 1)], seen);
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_forgotten()
    {
        var index = new ResourceIndex();
        using var limit = new CancellationTokenSource();
        var waiting = index.WaitForAsync(long.MaxValue, limit.Token);
        Assert.Equal(1, index.Waiting);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, index.Waiting);
    }

    private static RecordedEvent Encode(long position, string stream, long version, object happened)
    {
        var (type, data) = EventCodec.Encode(happened);
        return new(position, stream, version, type, data, new("test", Start.AddSeconds(position)));
    }

    /// <summary>A log as deciders would have written it, and each stream's fold by the decider itself.</summary>
    private sealed class Log
    {
        public static readonly string[] Meshes = ["a", "b"];
        public static readonly string[] Proxies = ["p", "q"];

        private readonly Dictionary<string, MeshState> _meshes = [];
        private readonly Dictionary<string, ProxyState> _proxies = [];
        private readonly Dictionary<string, ServiceState> _services = [];
        private readonly Dictionary<string, long> _versions = [];

        public List<RecordedEvent> Events { get; } = [];

        public static Log Of(byte[] choices)
        {
            var log = new Log();
            foreach (var choice in choices)
                log.Do(choice);
            return log;
        }

        public MeshState Mesh(string mesh) => _meshes.GetValueOrDefault($"mesh/{mesh}", MeshState.Empty);

        public ProxyState Proxy(string mesh, string proxy) => _proxies.GetValueOrDefault($"proxy/{mesh}/{proxy}", ProxyState.Empty);

        private void Do(byte choice)
        {
            var mesh = Meshes[choice & 1];
            var proxy = Proxies[(choice >> 1) & 1];
            var variant = (choice >> 2) & 3;
            var session = Proxy(mesh, proxy).Session ?? $"s{Events.Count}";
            switch ((choice >> 4) % 14)
            {
                case 0:
                case 1:
                    OfMesh(mesh, new ApplyMesh(new Mesh(mesh) { Labels = TagSet.Of(("v", $"{variant}")) }));
                    break;
                case 2:
                    OfMesh(mesh, new DeleteMesh(0));
                    break;
                case 3:
                case 4:
                    OfMesh(mesh, new ApplyTrafficPermission(new TrafficPermission(
                        mesh, $"t{variant & 1}", [new(TagSet.Of((TagSet.ServiceTag, $"s{variant}")))], [new(TagSet.Of((TagSet.ServiceTag, "*")))])));
                    break;
                case 5:
                    OfMesh(mesh, new DeleteTrafficPermission($"t{variant & 1}"));
                    break;
                case 6:
                case 7:
                    OfProxy(mesh, proxy, new ApplyDataplane(Dataplane(mesh, proxy, variant)));
                    break;
                case 8:
                    OfProxy(mesh, proxy, new DeleteDataplane());
                    break;
                case 9:
                    OfProxy(mesh, proxy, new ConnectProxy($"s{Events.Count}", Dataplane(mesh, proxy, variant), new("1", "2", "delta"), $"silo-{variant}"));
                    break;
                case 10:
                    OfProxy(mesh, proxy, new DisconnectProxy(session));
                    break;
                case 11:
                    OfProxy(mesh, proxy, new ReportRejected(session, new($"type{variant}", ["r"], "no")));
                    break;
                case 12:
                    OfProxy(mesh, proxy, variant > 1
                        ? new ReportAccepted(session, $"type{variant}")
                        : new RecordCertificate(session, new($"{Events.Count}", "ca", "id", [], Start, Start.AddDays(1))));
                    break;
                default:
                    OfService(mesh, $"s{variant}", new SetEndpoints(
                        proxy, (choice & 4) == 0 ? [] : [new Endpoint("127.0.0.1", 80, TagSet.Of((TagSet.ServiceTag, $"s{variant}")), true)]));
                    break;
            }
        }

        private static Dataplane Dataplane(string mesh, string proxy, int variant)
            => new(mesh, proxy, new("127.0.0.1", [new Inbound(1000 + variant, TagSet.Of((TagSet.ServiceTag, "s")))], []));

        private void OfMesh(string mesh, MeshCommand command)
        {
            var state = Mesh(mesh);
            foreach (var happened in MeshDecider.Decide(command, state).Events)
                _meshes[$"mesh/{mesh}"] = state = MeshDecider.Evolve(state, Record($"mesh/{mesh}", happened));
        }

        private void OfProxy(string mesh, string proxy, ProxyCommand command)
        {
            var stream = $"proxy/{mesh}/{proxy}";
            var state = Proxy(mesh, proxy);
            foreach (var happened in ProxyDecider.Decide(command, state).Events)
                _proxies[stream] = state = ProxyDecider.Evolve(state, Record(stream, happened));
        }

        private void OfService(string mesh, string service, SetEndpoints command)
        {
            var stream = $"service/{mesh}/{service}";
            var state = _services.GetValueOrDefault(stream, ServiceState.Empty);
            foreach (var happened in ServiceDecider.Decide(command, state).Events)
                _services[stream] = state = ServiceDecider.Evolve(state, Record(stream, happened));
        }

        private T Record<T>(string stream, T happened)
            where T : notnull
        {
            var version = _versions[stream] = _versions.GetValueOrDefault(stream) + 1;
            Events.Add(Encode(Events.Count + 1, stream, version, happened));
            return happened;
        }
    }

    /// <summary>A log that grows while it is followed.</summary>
    private sealed class GrowingLog : IEventStore
    {
        private readonly System.Threading.Channels.Channel<RecordedEvent> _events = System.Threading.Channels.Channel.CreateUnbounded<RecordedEvent>();

        public void Add(RecordedEvent recorded) => Assert.True(_events.Writer.TryWrite(recorded));

        public IAsyncEnumerable<RecordedEvent> FollowAsync(long afterPosition = 0, CancellationToken cancellationToken = default)
            => _events.Reader.ReadAllAsync(cancellationToken);

        public Task<AppendResult> AppendAsync(IReadOnlyList<StreamAppend> appends, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(string stream, long afterVersion = 0, CancellationToken cancellationToken = default)
            => throw new NotSupportedException();

        public IAsyncEnumerable<RecordedEvent> ReadAllAsync(long afterPosition = 0, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<long> HeadAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<StreamInfo> ListStreamsAsync(string prefix = "", CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task SaveSnapshotAsync(StreamSnapshot snapshot, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<StreamSnapshot?> ReadSnapshotAsync(string stream, int schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
