using OrleansMesh.Curve.Chart;

namespace OrleansMesh.Curve;

/// <summary>How time, memory and processor time grow, as one picture.</summary>
internal static class CurveChart
{
    private const string Sidecars = "sidecars";
    private const string Receivers = "sidecars that received the change";

    public static string Draw(IReadOnlyList<Run> runs) => SvgDocument.Of("OrleansMesh: how cost grows with the number of sidecars",
    [
        BySize(runs, "Everybody connected and configured", "seconds", ("storm", Target.Storm), ("restart", Target.Restart)),
        BySize(runs, "A change for everybody, p99", "milliseconds", ("endpoint of the hot service", Target.HotEndpoint), ("mesh-wide permission", Target.MeshPermission)),
        BySize(runs, "A change for few, p99", "milliseconds", ("endpoint of the cold service", Target.ColdEndpoint), ("one-service permission", Target.ServicePermission)),
        BySize(runs, "Resident memory", "MB", ("after the storm", Target.Memory), ("at most", Target.PeakMemory)),
        ByReceivers(runs, "Server CPU for one endpoint change", ("hot service", "hot endpoint added", "hot endpoint removed"), ("cold service", "cold endpoint added", "cold endpoint removed")),
        ByReceivers(
            runs, "Server CPU for one permission change",
            ("whole mesh", "mesh-wide permission added", "mesh-wide permission withdrawn"), ("one service", "one-service permission added", "one-service permission withdrawn")),
    ]);

    private static Panel BySize(IReadOnlyList<Run> runs, string title, string unit, params (string Name, Target Target)[] lines) => new(
        title, Sidecars, unit,
        [.. lines.Select(line => new Series(line.Name, IsLine: true, [.. runs.Select(run => (run.Proxies, Y: line.Target.Measured(run))).Where(p => p.Y is not null).Select(p => new Point(p.Proxies, p.Y!.Value))]))],
        // Two that share their limits, as the two of memory do, share their marks.
        [.. lines.SelectMany((line, index) => line.Target.Limit.Select(limit => new Mark(limit.Key, limit.Value, index))).DistinctBy(m => (m.X, m.Y))],
        IsProportional: false);

    private static Panel ByReceivers(IReadOnlyList<Run> runs, string title, params (string Name, string Added, string Removed)[] kinds) => new(
        title, Receivers, "milliseconds of CPU",
        [
            .. kinds.Select(kind => new Series(kind.Name, IsLine: false,
            [
                .. runs.SelectMany(run => (ScenarioResult?[])[run.Find(kind.Added), run.Find(kind.Removed)])
                    .Where(r => r is { ServerCpuSecondsPerChange: > 0, ReceiversPerChange: > 0 })
                    .Select(r => new Point(r!.ReceiversPerChange!.Value, r.ServerCpuSecondsPerChange!.Value * 1e3)),
            ])),
        ],
        [],
        IsProportional: true);
}
