using OrleansMesh.Load.Sidecars;

namespace OrleansMesh.Load.Reporting;

/// <summary>What one scenario measured.</summary>
/// <param name="Changes">How many changes were made, one after the other.</param>
/// <param name="Latency">Milliseconds from just before a change is asked for to its arrival, over every receiver of every change.</param>
/// <param name="Seconds">The whole scenario, with the wait until it was quiet again.</param>
/// <param name="ServerCpuSeconds">Null where the server's process cannot be seen.</param>
/// <param name="ServerResidentBytes">At the end.</param>
/// <param name="ServerPeakResidentBytes">The most that the server had since it was started.</param>
/// <param name="LoadCpuSeconds">The load generator's own.</param>
/// <param name="Missed">Every sidecar that missed something, and what; empty when all is well.</param>
internal sealed record ScenarioResult(
    string Name,
    int Changes,
    LatencySummary? Latency,
    double Seconds,
    double? ServerCpuSeconds,
    long? ServerResidentBytes,
    long? ServerPeakResidentBytes,
    double LoadCpuSeconds,
    Traffic Received,
    IReadOnlyList<string> Missed,
    string Note)
{
    /// <summary>Seconds until the last sidecar was configured, or had come back; null where that is not what the scenario is about.</summary>
    public double? AllAfterSeconds { get; init; }

    public double? ServerCpuSecondsPerChange => Changes == 0 ? null : ServerCpuSeconds / Changes;
}
