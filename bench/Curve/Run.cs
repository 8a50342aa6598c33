using System.Globalization;
using System.Text.Json;

namespace OrleansMesh.Curve;

/// <summary>The results of one run of the load generator, as it wrote them.</summary>
internal sealed record Run(
    DateTimeOffset At, string Command, Machine Machine, int Proxies, int Services, int Outbounds, int Rounds, bool Passed, IReadOnlyList<ScenarioResult> Scenarios)
{
    public const string OverloadFile = "overload.json";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public static Run Read(string json) => JsonSerializer.Deserialize<Run>(json, Format) ?? throw new JsonException("no results");

    /// <summary>The results at a size.</summary>
    public static string FileOf(int proxies) => string.Create(CultureInfo.InvariantCulture, $"{proxies:00000}.json");

    /// <summary>Those at every size of a folder, by the number of sidecars.</summary>
    public static IReadOnlyList<Run> ReadAll(string folder)
        => [.. Directory.GetFiles(folder, "*.json").Where(f => Path.GetFileName(f) != OverloadFile).Select(ReadFile).OrderBy(run => run.Proxies)];

    /// <summary>The overload's; null where it was not run.</summary>
    public static Run? ReadOverload(string folder) => File.Exists(Path.Combine(folder, OverloadFile)) ? ReadFile(Path.Combine(folder, OverloadFile)) : null;

    private static Run ReadFile(string file)
    {
        try
        {
            return Read(File.ReadAllText(file));
        }
        catch (JsonException e)
        {
            throw new JsonException($"{file} holds no results: {e.Message}", e);
        }
    }

    /// <summary>Null when the scenario was not run.</summary>
    public ScenarioResult? Find(string scenario) => Scenarios.FirstOrDefault(s => s.Name == scenario);
}

/// <summary>Where it ran.</summary>
internal sealed record Machine(int Processors, long MemoryBytes, string Os, string Dotnet);

/// <summary>One scenario of it; see the load generator's own record for what the numbers mean.</summary>
internal sealed record ScenarioResult(
    string Name, int Changes, int? Receivers, double? P50Milliseconds, double? P99Milliseconds, double? MaxMilliseconds, double Seconds, double? AllAfterSeconds, double? ServerCpuSeconds,
    double? ServerCpuSecondsPerChange, long? ServerResidentBytes, long? ServerPeakResidentBytes, double LoadCpuSeconds, long Messages, long ResentResources, long Disconnects, string Note)
{
    /// <summary>How many sidecars each of its changes reached.</summary>
    public double? ReceiversPerChange => Changes == 0 ? null : (double?)Receivers / Changes;
}
