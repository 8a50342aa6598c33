using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrleansMesh.Load.Reporting;

/// <summary>The results for programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <param name="command">By which it can be had again.</param>
    /// <summary>Milliseconds, seconds and bytes, as the names say; what was not measured is null.</summary>
    public static string Write(LoadOptions options, string command, DateTimeOffset at, IReadOnlyList<ScenarioResult> results) => JsonSerializer.Serialize(
        new
        {
            at,
            command,
            machine = new
            {
                processors = Environment.ProcessorCount,
                memoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
                os = RuntimeInformation.OSDescription,
                dotnet = Environment.Version.ToString(),
            },
            proxies = options.Proxies,
            services = options.Services,
            outbounds = options.Outbounds,
            coldCallers = options.ColdCallers,
            atOnce = options.AtOnce,
            rounds = options.Rounds,
            variant = options.Variant.ToString(),
            passed = results.All(r => r.Missed.Count == 0),
            scenarios = results.Select(r => new
            {
                name = r.Name,
                changes = r.Changes,
                receivers = r.Latency?.Count,
                p50Milliseconds = r.Latency?.P50,
                p99Milliseconds = r.Latency?.P99,
                maxMilliseconds = r.Latency?.Max,
                seconds = r.Seconds,
                allAfterSeconds = r.AllAfterSeconds,
                serverCpuSeconds = r.ServerCpuSeconds,
                serverCpuSecondsPerChange = r.ServerCpuSecondsPerChange,
                serverResidentBytes = r.ServerResidentBytes,
                serverPeakResidentBytes = r.ServerPeakResidentBytes,
                loadCpuSeconds = r.LoadCpuSeconds,
                messages = r.Received.Messages,
                resources = r.Received.Resources,
                resentResources = r.Received.Resent,
                bytes = r.Received.Bytes,
                disconnects = r.Received.Disconnects,
                missed = r.Missed,
                note = r.Note,
            }),
        },
        Format);
}
