using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.Silo.Files;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Tests.Index;

public sealed class IndexSnapshotTests : IAsyncLifetime
{
    private const int Events = 3000;

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansmesh-index-").FullName;
    private SqliteEventStore _sqlite = null!;
    private CountingStore _store = null!;
    private IndexSnapshot _snapshot = null!;

    private string File => Path.Combine(_folder, IndexSnapshot.FileName);

    public async Task InitializeAsync()
    {
        _sqlite = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = Path.Combine(_folder, "log") });
        _store = new CountingStore(_sqlite);
        _snapshot = new IndexSnapshot(DataFolder.Open(_folder), NullLogger<IndexSnapshot>.Instance);
        await AppendAsync(_sqlite, 0, Events);
    }

    public async Task DisposeAsync()
    {
        await _sqlite.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_start_reads_only_what_came_after_the_index_was_kept()
    {
        var live = await FollowedAsync(null);
        await _snapshot.KeepAsync(live, _store, default);
        await AppendAsync(_sqlite, Events, 7);
        _store.Read = 0;

        var kept = await _snapshot.FindAsync(_store, default);
        var restarted = await FollowedAsync(kept);

        Assert.Equal(Events, kept!.Position);
        Assert.InRange(_store.Read, 7, 8);
        Assert.Equal(Events + 7, restarted.Position);
        Assert.Equal(Events + 7, Assert.Single(restarted.FindMesh("default")!.State.Mesh!.Labels).Value.Length);
    }

    [Fact]
    public async Task One_that_is_damaged_is_passed_over()
    {
        await _snapshot.KeepAsync(await FollowedAsync(null), _store, default);
        var intact = await System.IO.File.ReadAllBytesAsync(File);
        var random = new Random(4711);
        for (var i = 0; i < 100; i++)
        {
            var damaged = intact.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            await System.IO.File.WriteAllBytesAsync(File, i % 2 == 0 ? damaged : intact[..random.Next(intact.Length)]);
            Assert.Null(await _snapshot.FindAsync(_store, default));
        }

        await System.IO.File.WriteAllBytesAsync(File, intact);
        Assert.NotNull(await _snapshot.FindAsync(_store, default));
    }

    [Fact]
    public async Task One_of_another_build_or_of_another_log_is_passed_over()
    {
        await _snapshot.KeepAsync(await FollowedAsync(null), _store, default);
        await using var other = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = Path.Combine(_folder, "other") });
        await AppendAsync(other, 0, 10);
        Assert.Null(await _snapshot.FindAsync(other, default));
        await AppendAsync(other, 10, Events, actor: "user:eve", label: 'y');
        Assert.Null(await _snapshot.FindAsync(other, default));

        var text = await System.IO.File.ReadAllTextAsync(File);
        var build = typeof(IndexFold).Assembly.ManifestModule.ModuleVersionId.ToString("N");
        await System.IO.File.WriteAllTextAsync(File, text.Replace(build, new string('0', 32), StringComparison.Ordinal));
        Assert.Null(await _snapshot.FindAsync(_store, default));
    }

    [Fact]
    public async Task A_server_that_stops_keeps_its_index_and_the_next_one_begins_with_it()
    {
        var server = await TestServer.StartAsync();
        try
        {
            var store = server.Server.Services.GetRequiredService<IEventStore>();
            await AppendAsync(store, 1, Events);
            await server.PutAsync("/access-roles/r", """{"type":"AccessRole","name":"r","rules":[{"access":["READ"]}]}""");
            var head = await store.HeadAsync();
            await server.Server.Services.GetRequiredService<ResourceIndex>().WaitForAsync(head);
            var role = (await server.GetAsync("/access-roles/r")).Text;
            await server.RestartAsync();
            Assert.Equal(head, server.Server.Services.GetRequiredService<ResourceIndex>().Restored);
            Assert.Equal(role, (await server.GetAsync("/access-roles/r")).Text);
            Assert.Equal(Events + 1, ((string)(await server.GetAsync("/meshes/default")).Json["labels"]!["n"]!).Length);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    // Each event makes the label one longer.
    private static async Task AppendAsync(IEventStore store, long version, int count, string actor = "user:ada", char label = 'x')
    {
        var events = Enumerable.Range(1, count).Select(i =>
        {
            var mesh = new Mesh("default") { Labels = TagSet.Of(("n", new string(label, (int)version + i))) };
            var (type, data) = EventCodec.Encode(version + i == 1 ? new MeshCreated(mesh) : new MeshChanged(mesh));
            return new NewEvent(type, data, new EventContext(actor, DateTimeOffset.UnixEpoch));
        }).ToArray();
        await store.AppendAsync([new StreamAppend("mesh/default", version, events)]);
    }

    private async Task<IndexState> FollowedAsync(IndexState? kept)
    {
        var index = new ResourceIndex();
        if (kept is not null)
            index.Restore(kept);
        using var stop = new CancellationTokenSource();
        var following = index.FollowAsync(_store, _ => { }, stop.Token);
        await index.WaitForAsync(await _store.HeadAsync());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        return index.Current;
    }

    /// <summary>Counts the events that are taken from it.</summary>
    private sealed class CountingStore(IEventStore inner) : IEventStore
    {
        public int Read { get; set; }

        public IAsyncEnumerable<RecordedEvent> ReadAllAsync(long afterPosition = 0, CancellationToken cancellationToken = default)
            => CountedAsync(inner.ReadAllAsync(afterPosition, cancellationToken), cancellationToken);

        public IAsyncEnumerable<RecordedEvent> FollowAsync(long afterPosition = 0, CancellationToken cancellationToken = default)
            => CountedAsync(inner.FollowAsync(afterPosition, cancellationToken), cancellationToken);

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(string stream, long afterVersion = 0, CancellationToken cancellationToken = default)
            => CountedAsync(inner.ReadStreamAsync(stream, afterVersion, cancellationToken), cancellationToken);

        public Task<AppendResult> AppendAsync(IReadOnlyList<StreamAppend> appends, CancellationToken cancellationToken = default)
            => inner.AppendAsync(appends, cancellationToken);

        public ValueTask<long> HeadAsync(CancellationToken cancellationToken = default) => inner.HeadAsync(cancellationToken);

        public IAsyncEnumerable<StreamInfo> ListStreamsAsync(string prefix = "", CancellationToken cancellationToken = default)
            => inner.ListStreamsAsync(prefix, cancellationToken);

        public Task SaveSnapshotAsync(StreamSnapshot snapshot, CancellationToken cancellationToken = default)
            => inner.SaveSnapshotAsync(snapshot, cancellationToken);

        public Task<StreamSnapshot?> ReadSnapshotAsync(string stream, int schema, CancellationToken cancellationToken = default)
            => inner.ReadSnapshotAsync(stream, schema, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private async IAsyncEnumerable<RecordedEvent> CountedAsync(IAsyncEnumerable<RecordedEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var recorded in events.WithCancellation(cancellationToken))
            {
                Read++;
                yield return recorded;
            }
        }
    }
}
