using System.Text.Json;

namespace OrleansMesh.Load.Reporting;

/// <summary>The results for programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Milliseconds, seconds and bytes, as the names say; what was not measured is null.</summary>
    public static string Write(LoadOptions options, DateTimeOffset at, IReadOnlyList<ScenarioResult> results) => JsonSerializer.Serialize(
        new
        {
            at,
            machine = new { processors = Environment.ProcessorCount, os = System.Runtime.InteropServices.RuntimeInformation.OSDescription, dotnet = Environment.Version.ToString() },
            proxies = options.Proxies,
            services = options.Services,
            outbounds = options.Outbounds,
            atOnce = options.AtOnce,
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
                serverCpuSeconds = r.ServerCpuSeconds,
                serverCpuSecondsPerChange = r.ServerCpuSecondsPerChange,
                serverResidentBytes = r.ServerResidentBytes,
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
