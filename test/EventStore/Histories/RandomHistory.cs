using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Histories;

/// <summary>A few writers, readers and followers at once on a log, over one store or several, as a number decides.</summary>
public sealed class RandomHistory(IReadOnlyList<IEventStore> stores, int seed)
{
    private const int Appends = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Attempt> _attempts = [];
    private readonly List<Look> _looks = [];
    private long _clock;

    public async Task<History> RunAsync()
    {
        var random = new Random(seed);
        var start = await stores[0].HeadAsync();
        using var ended = new CancellationTokenSource(Patience);
        var followers = Enumerable.Range(0, 2).Select(i => FollowAsync(stores[i % stores.Count], start, ended.Token)).ToList();
        var writers = Enumerable.Range(0, 2 + random.Next(3)).Select(i => Task.Run(() => WriteAsync(stores[i % stores.Count], new Random((seed * 31) + i), $"{i}"))).ToList();
        var readers = Enumerable.Range(0, 2).Select(i => Task.Run(() => ReadAsync(stores[^((i % stores.Count) + 1)], start, new Random((seed * 37) + i)))).ToList();
        await Task.WhenAll(writers.Concat(readers));

        // Followers stop at what is appended last.
        var end = new Part($"h{seed}/end", 0, [$"{seed}/end"]);
        var asked = Tick();
        var last = await stores[0].AppendAsync([To(end.Stream, end.Expected, [.. end.Ids])]);
        _attempts.Add(new(asked, Tick(), [end], new Outcome.Appended(last.FirstPosition, last.Position)));
        var log = (await stores[0].ReadAllAsync(start).ListAsync()).ConvertAll(Show);
        return new(start, _attempts, _looks, await Task.WhenAll(followers), log);
    }

    private async Task WriteAsync(IEventStore store, Random random, string writer)
    {
        var versions = new Dictionary<string, long>();
        for (var i = 0; i < Appends; i++)
        {
            string[] streams = random.Next(4) == 0 ? [Stream(0), Stream(1)] : [Stream(random.Next(2))];
            var parts = streams.Select((stream, part) => new Part(
                stream,
                Math.Max(0, versions.GetValueOrDefault(stream) + (random.Next(8) == 0 ? random.Next(-1, 2) : 0)),
                [.. Enumerable.Range(0, 1 + random.Next(2)).Select(e => $"{seed}/{writer}/{i}/{part}/{e}")])).ToList();
            using var cancellation = new CancellationTokenSource();
            var asked = Tick();
            var append = store.AppendAsync([.. parts.Select(static p => To(p.Stream, p.Expected, [.. p.Ids]))], cancellation.Token);
            if (random.Next(10) == 0)
                await cancellation.CancelAsync();
            var outcome = await OutcomeOf(append, parts, versions);
            lock (_attempts)
                _attempts.Add(new(asked, Tick(), parts, outcome));
        }
    }

    private static async Task<Outcome> OutcomeOf(Task<AppendResult> append, List<Part> parts, Dictionary<string, long> versions)
    {
        try
        {
            var result = await append;
            foreach (var part in parts)
                versions[part.Stream] = part.Expected + part.Ids.Count;
            return new Outcome.Appended(result.FirstPosition, result.Position);
        }
        catch (WrongExpectedVersionException conflict)
        {
            versions[conflict.Stream] = conflict.Actual;
            return new Outcome.Conflict(conflict.Stream, conflict.Actual);
        }
        catch (OperationCanceledException)
        {
            return new Outcome.Withdrawn();
        }
        catch (EventStoreUnavailableException)
        {
            return new Outcome.Unknown();
        }
    }

    private async Task ReadAsync(IEventStore store, long start, Random random)
    {
        for (var i = 0; i < 3; i++)
        {
            var stream = random.Next(2) == 0 ? Stream(random.Next(2)) : null;
            var asked = Tick();
            var found = await (stream is null ? store.ReadAllAsync(start) : store.ReadStreamAsync(stream)).ListAsync();
            lock (_looks)
                _looks.Add(new(asked, Tick(), stream, stream is null ? start : 0, found.ConvertAll(Show)));
        }
    }

    private async Task<Followed> FollowAsync(IEventStore store, long start, CancellationToken cancellationToken)
    {
        var shown = new List<(Seen, long)>();
        await foreach (var found in store.FollowAsync(start, cancellationToken))
        {
            shown.Add((Show(found), Tick()));
            if (Value(found) == $"{seed}/end")
                break;
        }

        return new(start, shown);
    }

    private string Stream(int number) => $"h{seed}/{number}";

    private long Tick() => Interlocked.Increment(ref _clock);

    private static Seen Show(RecordedEvent found) => new(found.Position, found.Stream, found.Version, Value(found));
}
