using System.Globalization;
using System.Text;

namespace OrleansMesh.Curve;

/// <summary>The measured figures as Markdown.</summary>
internal static class MeasuredTables
{
    private const string Begin = "<!-- measured: what follows is made by bench/Curve -->";
    private const string End = "<!-- measured: end -->";

    private static readonly string[] Changes =
    [
        "hot endpoint added", "hot endpoint removed", "cold endpoint added", "cold endpoint removed", "mesh-wide permission added", "mesh-wide permission withdrawn",
        "one-service permission added", "one-service permission withdrawn",
    ];

    /// <exception cref="InvalidDataException">The text has no place for them.</exception>
    public static string InsertInto(string text, IReadOnlyList<Run> runs, Run? overload)
    {
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"expected the lines {Begin} and {End}");
        return text[..(begin + Begin.Length)] + "\n\n" + Of(runs, overload) + text[end..];
    }

    /// <param name="overload">Null where it was not run.</param>
    public static string Of(IReadOnlyList<Run> runs, Run? overload)
    {
        var text = new StringBuilder();
        var targeted = runs.Where(run => Target.Storm.Limit.ContainsKey(run.Proxies)).ToArray();
        text.AppendLine($"| {string.Join(" | ", targeted.Select(run => $"{run.Proxies:#,0} sidecars, {run.Services:#,0} services: target | measured").Prepend(""))} |");
        text.AppendLine($"|---|{string.Concat(targeted.Select(_ => "---|---|"))}");
        foreach (var target in Target.All)
        {
            text.AppendLine($"| {target.What} | {string.Join(" | ", targeted.Select(run => $"≤ {target.Show(target.Limit[run.Proxies])} | {Judged(target, run)}"))} |");
        }

        text.AppendLine().AppendLine("Processor time of the server for one change, in milliseconds, and how many sidecars received it:").AppendLine();
        text.AppendLine($"| sidecars | {string.Join(" | ", runs.Select(run => $"{run.Proxies:#,0}"))} |");
        text.AppendLine($"|---|{string.Concat(runs.Select(_ => "---|"))}");
        foreach (var change in Changes)
            text.AppendLine($"| {change} | {string.Join(" | ", runs.Select(run => Cost(run.Find(change))))} |");
        text.AppendLine($"| storm, CPU s of the server / of the load generator | {string.Join(" | ", runs.Select(run => Storm(run.Find("storm"))))} |");
        if (overload is not null)
            text.AppendLine().AppendLine(OfOverload(overload));
        text.AppendLine().AppendLine("Measured, with no sidecar missing anything unless it says so:").AppendLine();
        foreach (var run in overload is null ? runs : [.. runs, overload])
        {
            var machine = string.Create(CultureInfo.InvariantCulture, $"{run.Machine.Processors} processors, {run.Machine.MemoryBytes / 1e9:0} GB, {run.Machine.Os}, .NET {run.Machine.Dotnet}");
            text.AppendLine($"- {(run.Passed ? "" : "**sidecars missed changes:** ")}{run.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC, {machine}: `{run.Command}`");
        }

        return text.AppendLine().ToString().ReplaceLineEndings("\n");
    }

    private static string OfOverload(Run run)
    {
        if (run.Find("overload") is not { } all || run.Find("overload, changes meanwhile") is not { } changes)
            return "The overload has no results.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Overload: {all.Note}; {all.Disconnects} connections refused or ended; {changes.Changes} endpoints that came meanwhile reached each of the {run.Proxies:#,0} "
            + $"who were there, p50 {changes.P50Milliseconds:#,0} ms, p99 {changes.P99Milliseconds:#,0} ms; resident memory at most {all.ServerPeakResidentBytes / 1e6:#,0} MB.");
    }

    private static string Judged(Target target, Run run) => target.Measured(run) switch
    {
        null => "not run",
        { } value when value > target.Limit[run.Proxies] => $"**{target.Show(value)}**",
        { } value => target.Show(value),
    };

    private static string Cost(ScenarioResult? result) => result is { ServerCpuSecondsPerChange: { } seconds, ReceiversPerChange: { } receivers }
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:#,0.0} to {receivers:#,0}") : "";

    private static string Storm(ScenarioResult? result)
        => result is { ServerCpuSeconds: { } server } ? string.Create(CultureInfo.InvariantCulture, $"{server:0.0} / {result.LoadCpuSeconds:0.0}") : "";
}
