using System.Globalization;

namespace OrleansMesh.Curve;

/// <summary>What a number of sidecars may take, and where it is found in the results.</summary>
/// <param name="Limit">By the number of sidecars.</param>
/// <param name="Measured">What was measured, in the unit of the limit.</param>
/// <param name="Show">Such a number in words.</param>
internal sealed record Target(string What, IReadOnlyDictionary<int, double> Limit, Func<Run, double?> Measured, Func<double, string> Show)
{
    public static Target Storm { get; } = new(
        "all sidecars connected and fully configured, certificates issued (200 at a time)", Limits(10, 60), run => run.Find("storm")?.AllAfterSeconds, Seconds);

    public static Target HotEndpoint { get; } = new("new endpoint in the hot service, p99", Limits(200, 900), run => run.Find("hot endpoint added")?.P99Milliseconds, Milliseconds);

    public static Target ColdEndpoint { get; } = new(
        "new endpoint in a service that about 40 call (400 at 10,000), p99", Limits(15, 50), run => run.Find("cold endpoint added")?.P99Milliseconds, Milliseconds);

    public static Target MeshPermission { get; } = new(
        "permission for the whole mesh added or withdrawn, p99", Limits(500, 3000), run => Worse(run, "mesh-wide permission"), Milliseconds);

    public static Target ServicePermission { get; } = new(
        "permission for one service among 1,000 added or withdrawn, p99", Limits(25, 50), run => Worse(run, "one-service permission"), Milliseconds);

    public static Target RestingMemory { get; } = new("resident memory, all connected and at rest", Limits(400, 1600), run => run.Find("idle")?.ServerResidentBytes / 1e6, Megabytes);

    public static Target Memory { get; } = new("resident memory at the end of the storm", Limits(400, 1600), run => run.Find("storm")?.ServerResidentBytes / 1e6, Megabytes);

    public static Target PeakMemory { get; } = new("resident memory at most", Limits(400, 1600), run => run.Scenarios.Max(s => s.ServerPeakResidentBytes) / 1e6, Megabytes);

    public static Target Idle { get; } = new(
        "CPU while nothing changes", Limits(0.01, 0.03), run => run.Find("idle") is { } idle ? idle.ServerCpuSeconds / idle.Seconds : null, Cores);

    public static Target Restart { get; } = new(
        "restart of the control plane: all reconnected", Limits(10, 60), run => run.Find("restart")?.AllAfterSeconds, Seconds);

    public static Target Resent { get; } = new("resources that they hold and were sent again", Limits(0, 0), run => run.Find("restart")?.ResentResources, Number);

    public static IReadOnlyList<Target> All { get; } = [Storm, HotEndpoint, ColdEndpoint, MeshPermission, ServicePermission, RestingMemory, Memory, PeakMemory, Idle, Restart, Resent];

    private static Dictionary<int, double> Limits(double at2000, double at10000) => new() { [2000] = at2000, [10_000] = at10000 };

    private static double? Worse(Run run, string scenario)
        => run.Find($"{scenario} added")?.P99Milliseconds is { } added && run.Find($"{scenario} withdrawn")?.P99Milliseconds is { } withdrawn
            ? Math.Max(added, withdrawn) : null;

    private static string Seconds(double value) => Invariant($"{value:0.#} s");

    private static string Milliseconds(double value) => value < 10 ? Invariant($"{value:0.0} ms") : Invariant($"{value:#,0} ms");

    private static string Megabytes(double value) => Invariant($"{value:#,0} MB");

    private static string Cores(double value) => Invariant($"{value:0.0##} core");

    private static string Number(double value) => Invariant($"{value:#,0}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
