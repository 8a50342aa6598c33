using System.Globalization;

namespace OrleansMesh.Load.ControlPlane;

/// <summary>What the server that was started says of itself, in Prometheus' text format.</summary>
internal sealed class ServerMetrics(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>A metric, summed over all its labels; null where there is no such metric.</summary>
    public async Task<double?> SumAsync(string name) => Sum(await _http.GetStringAsync(address), name);

    /// <summary>The same of a text.</summary>
    public static double? Sum(string text, string name)
    {
        var values = text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
            .ToArray();
        return values.Length == 0 ? null : values.Sum();
    }

    public void Dispose() => _http.Dispose();
}
