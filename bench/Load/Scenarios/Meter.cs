using System.Diagnostics;
using OrleansMesh.Load.ControlPlane;
using OrleansMesh.Load.Reporting;
using OrleansMesh.Load.Sidecars;

namespace OrleansMesh.Load.Scenarios;

/// <summary>What both sides used from its creation on.</summary>
internal sealed class Meter(Fleet fleet, Func<int?> serverProcess)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Traffic _received = fleet.Received;
    private readonly int? _server = serverProcess();
    private readonly ProcessUsage? _serverUsage = serverProcess() is { } process ? ProcessUsage.Of(process) : null;
    private readonly TimeSpan _own = Environment.CpuUsage.TotalTime;

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The result of a scenario that made these changes.</summary>
    public ScenarioResult Result(string name, IReadOnlyList<Change> changes, string note = "") => Result(
        name,
        changes.Count,
        changes.SelectMany(c => c.Latencies),
        [
            .. changes.SelectMany(c => c.Waiting.Select(s => $"{s} never received {c.What}{(s.LastFailure is { } why ? $" ({why})" : "")}")),
            // That something is gone already may be: a receiver that has only just come never had it.
            .. changes.Where(c => !c.IsWithdrawal).SelectMany(c => c.Early.Select(s => $"{s} held {c.What} before it was made")),
        ],
        note);

    public ScenarioResult Result(string name, int changes, IEnumerable<double> latencies, IReadOnlyList<string> missed, string note = "")
    {
        var after = serverProcess() is { } process ? ProcessUsage.Of(process) : null;
        // After a restart it is another process, which began with nothing.
        var before = serverProcess() == _server ? _serverUsage?.Cpu ?? TimeSpan.Zero : TimeSpan.Zero;
        return new(
            name,
            changes,
            LatencySummary.Of(latencies),
            _clock.Elapsed.TotalSeconds,
            (after?.Cpu - before)?.TotalSeconds,
            after?.ResidentBytes,
            after?.PeakResidentBytes,
            (Environment.CpuUsage.TotalTime - _own).TotalSeconds,
            fleet.Received - _received,
            missed,
            note);
    }
}
