using System.Collections.Concurrent;
using System.Globalization;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;

namespace OrleansMesh.Load.Scenarios;

/// <summary>
/// Endurance: the mesh churns for a while. In the end every sidecar is to hold what a fresh connection of the same proxy is given, and the server's memory is to be
/// within a tenth of where it had settled.
/// </summary>
internal static class Soak
{
    /// <summary>Some ten things a second.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Fresh connections at a time.</summary>
    private const int Afresh = 50;

    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run)
    {
        var random = new Random(run.Options.Seed);
        var churn = new Churn(run, random);
        run.Progress.Begin("soak", (int)Math.Ceiling(run.Options.SoakTime.TotalSeconds));
        var meter = await run.MeasureAsync();
        var memory = new MemoryCurve();
        while (meter.Elapsed < run.Options.SoakTime)
        {
            await churn.ActAsync();
            await Task.Delay(LongestPause * random.NextDouble());
            if (memory.Add(meter.Elapsed, run.ServerUsage?.ResidentBytes))
                run.Progress.Step();
        }

        // Those that vanished are missed by the server only after its grace period, which the audit waits for.
        await run.BecomesQuietAsync();
        List<string> missed = [.. await run.AuditAsync(), .. churn.Trespasses];
        await run.BecomesQuietAsync();
        var result = meter.Result("soak", 0, [], []);
        if (result.Received.Disconnects > churn.Broken)
            missed.Add($"{result.Received.Disconnects} connections ended, {churn.Broken} of which were broken on purpose");
        missed.AddRange(run.Fleet.Sidecars.Select(HeldIdentity.ProblemOf).OfType<string>());
        var compared = run.Fleet.Sidecars.Count();
        var different = await DifferencesAsync(run);
        var judged = memory.Judge(run.Options.SoakTime);
        missed.AddRange(different);
        if (judged.Problem is { } grown)
            missed.Add(grown);
        var note = string.Create(CultureInfo.InvariantCulture,
            $"{churn.Summary} (seed {run.Options.Seed}); {compared - different.Count} of {compared} sidecars hold what a fresh connection is given; {judged.Words}");
        return [result with { Missed = missed, Note = note }];
    }

    /// <summary>Nothing changes while everybody comes anew: an endpoint outlives its proxy's connection for longer than that takes.</summary>
    private static async Task<IReadOnlyList<string>> DifferencesAsync(LoadRun run)
    {
        var held = run.Fleet.Sidecars.ToDictionary(s => s, s => s.Contents());
        var differences = new ConcurrentBag<string>();
        var fresh = new ConcurrentDictionary<Sidecar, Sidecar>();
        await Parallel.ForEachAsync(held.Keys, new ParallelOptions { MaxDegreeOfParallelism = Afresh }, async (sidecar, _) =>
        {
            var anew = fresh[sidecar] = await run.Fleet.ConnectAfreshAsync(sidecar);
            await Configuring.AwaitAsync(anew, run.Options.Patience);
        });
        await run.BecomesQuietAsync();
        foreach (var (sidecar, before) in held)
        {
            if (FreshComparison.Difference(sidecar.Proxy.Name, before, fresh[sidecar].Contents()) is { } difference)
                differences.Add(difference);
        }

        return [.. differences.Order(StringComparer.Ordinal)];
    }
}
