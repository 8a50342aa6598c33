using System.Text;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests;

/// <summary>What every event store promises. A store passes by deriving from this and saying how it is opened.</summary>
public abstract class EventStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected IEventStore Store { get; private set; } = null!;

    /// <summary>Opens the store; the same log each time within one test, an empty one for each test.</summary>
    protected abstract Task<IEventStore> OpenAsync();

    public virtual async Task InitializeAsync() => Store = await OpenAsync();

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync();
    }

    [Fact]
    public async Task An_empty_log_has_no_events_no_streams_and_head_0()
    {
        Assert.Equal(0, await Store.HeadAsync());
        Assert.Empty(await Store.ReadAllAsync().ListAsync());
        Assert.Empty(await Store.ReadStreamAsync("mesh/default").ListAsync());
        Assert.Empty(await Store.ListStreamsAsync().ListAsync());
    }

    [Fact]
    public async Task What_is_appended_is_read_back_whole()
    {
        var data = Encoding.UTF8.GetBytes("""{"text":"grüße \u0000 𝄞","n":1.50,  "spaced": true}""");
        var result = await Store.AppendAsync(
            [new StreamAppend("mesh/default", 0, [new NewEvent("MeshCreated", data, new EventContext("user:grüße", At, ""))])]);

        Assert.Equal(new AppendResult(1, 1), result);
        var found = Assert.Single(await Store.ReadStreamAsync("mesh/default").ListAsync());
        Assert.Equal(1, found.Position);
        Assert.Equal("mesh/default", found.Stream);
        Assert.Equal(1, found.Version);
        Assert.Equal("MeshCreated", found.Type);
        Assert.Equal(data, found.Data.ToArray());
        Assert.Equal(new EventContext("user:grüße", At, ""), found.Context);
        Assert.Equal(TimeSpan.Zero, found.Context.At.Offset);
    }

    [Fact]
    public async Task An_instant_of_another_offset_is_kept_as_UTC()
    {
        var at = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(5));
        await Store.AppendAsync([new StreamAppend("s", 0, [Event() with { Context = new EventContext("system", at) }])]);
        var found = Assert.Single(await Store.ReadAllAsync().ListAsync());
        Assert.Equal(at.UtcTicks, found.Context.At.Ticks);
    }

    [Fact]
    public async Task Positions_run_over_all_streams_and_versions_over_one()
    {
        Assert.Equal(new AppendResult(1, 2), await Store.AppendAsync([To("a", 0, "1", "2")]));
        Assert.Equal(new AppendResult(3, 3), await Store.AppendAsync([To("b", 0, "3")]));
        Assert.Equal(new AppendResult(4, 5), await Store.AppendAsync([To("a", 2, "4", "5")]));

        Assert.Equal(5, await Store.HeadAsync());
        var all = await Store.ReadAllAsync().ListAsync();
        Assert.Equal([1, 2, 3, 4, 5], all.Select(e => e.Position));
        Assert.Equal(["a", "a", "b", "a", "a"], all.Select(e => e.Stream));
        Assert.Equal([1, 2, 1, 3, 4], all.Select(e => e.Version));
        Assert.Equal(["1", "2", "3", "4", "5"], all.Select(Value));
        Assert.Equal(["4", "5"], (await Store.ReadStreamAsync("a", 2).ListAsync()).Select(Value));
        Assert.Equal(["4", "5"], (await Store.ReadAllAsync(3).ListAsync()).Select(Value));
        Assert.Empty(await Store.ReadStreamAsync("a", 4).ListAsync());
        Assert.Empty(await Store.ReadStreamAsync("a", 99).ListAsync());
        Assert.Empty(await Store.ReadAllAsync(5).ListAsync());
        Assert.Empty(await Store.ReadAllAsync(99).ListAsync());
    }

    [Fact]
    public async Task Reads_longer_than_a_page_are_whole()
    {
        const int Count = 1500;
        await Store.AppendAsync([To("long", 0, [.. Enumerable.Range(1, Count).Select(i => $"{i}")]), To("other", 0, "x")]);
        var expected = Enumerable.Range(1, Count).Select(i => $"{i}").ToList();
        Assert.Equal(expected, (await Store.ReadStreamAsync("long").ListAsync()).Select(Value));
        Assert.Equal([.. expected, "x"], (await Store.ReadAllAsync().ListAsync()).Select(Value));
        Assert.Equal(expected[1000..], (await Store.ReadStreamAsync("long", 1000).ListAsync()).Select(Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_append_at_another_version_than_the_streams_is_refused(long expected)
    {
        await Store.AppendAsync([To("a", 0, "1", "2")]);
        var conflict = await Assert.ThrowsAsync<WrongExpectedVersionException>(() => Store.AppendAsync([To("a", expected, "3")]));
        Assert.Equal(("a", expected, 2L), (conflict.Stream, conflict.Expected, conflict.Actual));
        Assert.Equal(2, await Store.HeadAsync());
        await Store.AppendAsync([To("a", 2, "3")]);
        Assert.Equal(3, await Store.HeadAsync());
    }

    [Fact]
    public async Task An_append_to_several_streams_is_one()
    {
        Assert.Equal(new AppendResult(1, 3), await Store.AppendAsync([To("a", 0, "1", "2"), To("b", 0, "3")]));
        Assert.Equal(["1", "2", "3"], (await Store.ReadAllAsync().ListAsync()).Select(Value));
    }

    [Fact]
    public async Task An_append_to_several_streams_of_which_one_conflicts_appends_nothing()
    {
        await Store.AppendAsync([To("b", 0, "1")]);
        var conflict = await Assert.ThrowsAsync<WrongExpectedVersionException>(
            () => Store.AppendAsync([To("a", 0, "2"), To("b", 0, "3"), To("c", 0, "4")]));
        Assert.Equal("b", conflict.Stream);
        Assert.Equal(1, await Store.HeadAsync());
        Assert.Empty(await Store.ReadStreamAsync("a").ListAsync());
        Assert.Equal(["b"], (await Store.ListStreamsAsync().ListAsync()).Select(s => s.Name));
        Assert.Equal(new AppendResult(2, 2), await Store.AppendAsync([To("a", 0, "2")]));
    }

    [Fact]
    public async Task Of_concurrent_appends_at_one_version_exactly_one_succeeds()
    {
        for (var version = 0; version < 20; version++)
        {
            var expected = version;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
            {
                try
                {
                    await Store.AppendAsync([To("contended", expected, $"{expected}-{i}")]);
                    return $"{expected}-{i}";
                }
                catch (WrongExpectedVersionException)
                {
                    return null;
                }
            })));
            var winner = Assert.Single(outcomes, outcome => outcome is not null);
            var last = (await Store.ReadStreamAsync("contended", version).ListAsync()).Select(Value);
            Assert.Equal([winner], last);
        }
    }

    [Fact]
    public async Task A_conflict_does_not_disturb_the_appends_beside_it()
    {
        await Store.AppendAsync([To("taken", 0, "first")]);
        var appends = Enumerable.Range(0, 64).Select(i => Task.Run(() => Store.AppendAsync([i % 2 == 0 ? To($"free/{i}", 0, "x") : To("taken", 0, "y")])));
        var outcomes = await Task.WhenAll(appends.Select(async append =>
        {
            try
            {
                await append;
                return true;
            }
            catch (WrongExpectedVersionException)
            {
                return false;
            }
        }));
        Assert.Equal(32, outcomes.Count(won => won));
        Assert.Equal(33, await Store.HeadAsync());
        Assert.Equal(32, (await Store.ListStreamsAsync("free/").ListAsync()).Count);
    }

    [Fact]
    public async Task Readers_among_64_concurrent_writers_see_every_event_once_in_order_and_appends_whole()
    {
        const int Writers = 64;
        const int Rounds = 20;
        const int Total = Writers * Rounds * 3;
        using var ended = new CancellationTokenSource(Patience);
        var followers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var seen = new List<RecordedEvent>();
            await foreach (var found in Store.FollowAsync(0, ended.Token))
            {
                seen.Add(found);
                if (seen.Count == Total)
                    break;
            }

            return seen;
        })).ToList();
        var scanner = Task.Run(async () =>
        {
            for (var head = 0L; head < Total;)
            {
                ended.Token.ThrowIfCancellationRequested();
                var known = await Store.HeadAsync();
                var scan = await Store.ReadAllAsync().ListAsync();
                Assert.True(scan.Count >= known);
                Assert.Equal(Enumerable.Range(1, scan.Count).Select(i => (long)i), scan.Select(e => e.Position));
                head = scan.Count;
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var result = await Store.AppendAsync(
                    [To($"left/{writer}", round * 2, $"{round}a", $"{round}b"), To($"right/{writer}", round, $"{round}c")]);
                Assert.Equal(result.Position, result.FirstPosition + 2);
                Assert.True(await Store.HeadAsync() >= result.Position);
                Assert.Equal(2, (await Store.ReadStreamAsync($"left/{writer}", round * 2).ListAsync()).Count);
            }
        })));

        await scanner;
        foreach (var follower in followers)
        {
            var seen = await follower;
            Assert.Equal(Enumerable.Range(1, Total).Select(i => (long)i), seen.Select(e => e.Position));
            foreach (var append in seen.Chunk(3))
            {
                var writer = append[0].Stream["left/".Length..];
                Assert.Equal([$"left/{writer}", $"left/{writer}", $"right/{writer}"], append.Select(e => e.Stream));
                Assert.Single(append.Select(e => Value(e)[..^1]).Distinct());
            }

            foreach (var stream in seen.GroupBy(e => e.Stream))
                Assert.Equal(Enumerable.Range(1, stream.Count()).Select(i => (long)i), stream.Select(e => e.Version));
        }
    }

    [Fact]
    public async Task Following_shows_what_is_there_and_then_each_event_as_it_is_committed()
    {
        await Store.AppendAsync([To("a", 0, "1", "2")]);
        using var ended = new CancellationTokenSource(Patience);
        await using var follower = Store.FollowAsync(1, ended.Token).GetAsyncEnumerator();
        Assert.True(await follower.MoveNextAsync());
        Assert.Equal(2, follower.Current.Position);
        for (var i = 3; i < 20; i++)
        {
            var next = follower.MoveNextAsync().AsTask();
            Assert.False(next.IsCompleted);
            await Store.AppendAsync([To("a", i - 1, $"{i}")]);
            Assert.True(await next.WaitAsync(Patience));
            Assert.Equal(i, follower.Current.Position);
        }
    }

    [Fact]
    public async Task Following_from_beyond_the_end_waits_for_that_position()
    {
        using var ended = new CancellationTokenSource(Patience);
        await using var follower = Store.FollowAsync(2, ended.Token).GetAsyncEnumerator();
        var next = follower.MoveNextAsync().AsTask();
        await Store.AppendAsync([To("a", 0, "1", "2")]);
        await Store.AppendAsync([To("a", 2, "3")]);
        Assert.True(await next.WaitAsync(Patience));
        Assert.Equal(3, follower.Current.Position);
    }

    [Fact]
    public async Task Following_ends_by_cancellation()
    {
        using var cancelled = new CancellationTokenSource();
        await using var follower = Store.FollowAsync(0, cancelled.Token).GetAsyncEnumerator();
        var next = follower.MoveNextAsync().AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Patience));
    }

    [Fact]
    public async Task Following_ends_by_disposal()
    {
        await using var follower = Store.FollowAsync().GetAsyncEnumerator();
        var next = follower.MoveNextAsync().AsTask();
        await Store.DisposeAsync();
        Assert.False(await next.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_disposed_store_says_so()
    {
        await Store.AppendAsync([To("a", 0, "1")]);
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.AppendAsync([To("a", 1, "2")]));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.ReadAllAsync().ListAsync());
        await Store.DisposeAsync();
    }

    [Fact]
    public async Task A_reopened_log_goes_on_where_it_was()
    {
        await Store.AppendAsync([To("a", 0, "1", "2"), To("b", 0, "3")]);
        await ReopenAsync();
        Assert.Equal(3, await Store.HeadAsync());
        await Assert.ThrowsAsync<WrongExpectedVersionException>(() => Store.AppendAsync([To("a", 0, "x")]));
        Assert.Equal(new AppendResult(4, 4), await Store.AppendAsync([To("a", 2, "4")]));
        await ReopenAsync();
        Assert.Equal(["1", "2", "3", "4"], (await Store.ReadAllAsync().ListAsync()).Select(Value));
        Assert.Equal([new StreamInfo("a", 3, 4), new StreamInfo("b", 1, 3)], await Store.ListStreamsAsync().ListAsync());
    }

    [Fact]
    public async Task Streams_are_listed_by_prefix_in_ordinal_order()
    {
        foreach (var stream in new[] { "mesh/b", "mesh/B", "mesh/a", "mesh/_%", "service/a", "mesh" })
            await Store.AppendAsync([To(stream, 0, "x")]);
        await Store.AppendAsync([To("mesh/a", 1, "y")]);
        Assert.Equal(["mesh/B", "mesh/_%", "mesh/a", "mesh/b"], (await Store.ListStreamsAsync("mesh/").ListAsync()).Select(s => s.Name));
        Assert.Equal(["mesh", "mesh/B", "mesh/_%", "mesh/a", "mesh/b", "service/a"], (await Store.ListStreamsAsync().ListAsync()).Select(s => s.Name));
        Assert.Equal([new StreamInfo("mesh/a", 2, 7)], await Store.ListStreamsAsync("mesh/a").ListAsync());
        Assert.Empty(await Store.ListStreamsAsync("mesh/%").ListAsync());
    }

    [Fact]
    public async Task The_newest_snapshot_of_a_schema_is_kept()
    {
        await Store.AppendAsync([To("a", 0, "1", "2", "3")]);
        Assert.Null(await Store.ReadSnapshotAsync("a", 1));
        await Store.SaveSnapshotAsync(Snapshot(2, 1, "two"));
        await Store.SaveSnapshotAsync(Snapshot(1, 1, "one"));
        Assert.Equal("\"two\"", await TextAsync(1));
        Assert.Null(await Store.ReadSnapshotAsync("a", 2));
        Assert.Null(await Store.ReadSnapshotAsync("b", 1));
        await Store.SaveSnapshotAsync(Snapshot(3, 1, "three"));
        await Store.SaveSnapshotAsync(Snapshot(3, 2, "three in form 2"));
        await ReopenAsync();
        Assert.Equal("\"three\"", await TextAsync(1));
        Assert.Equal("\"three in form 2\"", await TextAsync(2));
        Assert.Equal(3, (await Store.ReadSnapshotAsync("a", 1))!.Version);

        StreamSnapshot Snapshot(long version, int schema, string text) => new("a", version, schema, Encoding.UTF8.GetBytes($"\"{text}\""));

        async Task<string> TextAsync(int schema) => Encoding.UTF8.GetString((await Store.ReadSnapshotAsync("a", schema))!.Data.Span);
    }

    [Fact]
    public async Task A_snapshot_of_a_version_that_is_not_there_is_refused()
    {
        await Store.AppendAsync([To("a", 0, "1")]);
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveSnapshotAsync(new StreamSnapshot("a", 2, 1, "{}"u8.ToArray())));
        Assert.Contains("snapshot.version", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await Store.ReadSnapshotAsync("a", 1));
    }

    public static TheoryData<string, StreamAppend[]> Refused => new()
    {
        { "appends:", [] },
        { "appends[0].events:", [new StreamAppend("a", 0, [])] },
        { "appends[1].stream:", [To("a", 0, "x"), To("a", 1, "y")] },
        { "appends[0].expectedVersion:", [To("a", -1, "x")] },
        { "appends[0].stream:", [To("", 0, "x")] },
        { "appends[0].stream:", [To("with space", 0, "x")] },
        { "appends[0].stream:", [To("new\nline", 0, "x")] },
        { "appends[0].stream:", [To("größe", 0, "x")] },
        { "appends[0].stream:", [To("/a", 0, "x")] },
        { "appends[0].stream:", [To("a//b", 0, "x")] },
        { "appends[0].stream:", [To("a/", 0, "x")] },
        { "appends[0].stream:", [To(new string('a', EventStoreLimits.StreamNameBytes + 1), 0, "x")] },
        { "appends[0].events[1].type:", [new StreamAppend("a", 0, [Event(), Event(type: "")])] },
        { "appends[0].events[0].type:", [new StreamAppend("a", 0, [Event(type: new string('T', EventStoreLimits.EventTypeBytes + 1))])] },
        { "appends[0].events[0].context.actor:", [new StreamAppend("a", 0, [Event() with { Context = new EventContext("", At) }])] },
        { "appends[0].events[0].context.actor:", [new StreamAppend("a", 0, [Event() with { Context = new EventContext("a\nb", At) }])] },
        { "appends[0].events[0].context.cause:", [new StreamAppend("a", 0, [Event() with { Context = new EventContext("a", At, "\ud800") }])] },
        { "appends[0].events[0].data:", [new StreamAppend("a", 0, [Event() with { Data = "{"u8.ToArray() }])] },
        { "appends[0].events[0].data:", [new StreamAppend("a", 0, [Event() with { Data = default }])] },
        { "appends[0].events[0].data:", [new StreamAppend("a", 0, [Event() with { Data = Json(EventStoreLimits.EventDataBytes + 1) }])] },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task What_cannot_be_stored_is_refused_by_name_and_changes_nothing(string field, StreamAppend[] appends)
    {
        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.AppendAsync(appends));
        Assert.StartsWith(field, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Store.HeadAsync());
    }

    [Fact]
    public async Task The_largest_event_is_accepted()
    {
        var data = Json(EventStoreLimits.EventDataBytes);
        await Store.AppendAsync([new StreamAppend(new string('a', EventStoreLimits.StreamNameBytes), 0, [Event() with { Data = data }])]);
        await ReopenAsync();
        Assert.True(Assert.Single(await Store.ReadAllAsync().ListAsync()).Data.Span.SequenceEqual(data));
    }

    [Fact]
    public async Task An_append_of_too_many_events_is_refused()
    {
        var events = Enumerable.Repeat(Event(), EventStoreLimits.AppendEvents + 1).ToList();
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => Store.AppendAsync([new StreamAppend("a", 0, events)]));
        Assert.StartsWith("appends:", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_append_appended_nothing_and_the_others_go_on()
    {
        using var early = new CancellationTokenSource();
        await early.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AppendAsync([To("early", 0, "x")], early.Token));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            using var cancellation = new CancellationTokenSource();
            var append = Store.AppendAsync([To($"race/{i}", 0, $"{i}")], cancellation.Token);
            if (i % 2 == 0)
                await cancellation.CancelAsync();
            try
            {
                await append;
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        })));

        for (var i = 0; i < outcomes.Length; i++)
            Assert.Equal(outcomes[i] ? 1 : 0, (await Store.ReadStreamAsync($"race/{i}").ListAsync()).Count);
        Assert.All(outcomes.Where((_, i) => i % 2 != 0), Assert.True);
        await ReopenAsync();
        Assert.Equal(outcomes.Count(appended => appended), await Store.HeadAsync());
    }

    private static byte[] Json(int length) => Encoding.ASCII.GetBytes($"\"{new string('x', length - 2)}\"");
}
