using System.Globalization;
using OrleansMesh.Load.Reporting;

namespace OrleansMesh.Load.Scenarios;

/// <summary>Nothing changes.</summary>
internal static class Idle
{
    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(LoadRun run)
    {
        run.Progress.Begin("idle", 1);
        var meter = await run.MeasureAsync();
        await Task.Delay(run.Options.IdleTime);
        var result = meter.Result("idle", 0, [], []);
        run.Progress.Step();
        return [result.ServerCpuSeconds is { } cpu
            ? result with { Note = string.Create(CultureInfo.InvariantCulture, $"{cpu / result.Seconds:0.000} cores over {result.Seconds:0} s") }
            : result];
    }
}
