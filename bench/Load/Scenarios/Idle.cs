using System.Globalization;
using OrleansMesh.Load.Reporting;

namespace OrleansMesh.Load.Scenarios;

/// <summary>Nothing changes. What the last change has the server do later, a sweep and a compaction of its heap within two minutes, is a row of its own.</summary>
internal static class Idle
{
    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run)
    {
        run.Progress.Begin("idle", 2);
        return [await MeasureAsync(run, "after the last change", run.Options.SettleTime), await MeasureAsync(run, "idle", run.Options.IdleTime)];
    }

    private static async Task<ScenarioResult> MeasureAsync(LoadRun run, string name, TimeSpan time)
    {
        var meter = await run.MeasureAsync();
        await Task.Delay(time);
        var result = meter.Result(name, 0, [], []);
        run.Progress.Step();
        return result.ServerCpuSeconds is { } cpu
            ? result with { Note = string.Create(CultureInfo.InvariantCulture, $"{cpu / result.Seconds:0.000} cores over {result.Seconds:0} s") }
            : result;
    }
}
