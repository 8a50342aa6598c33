using System.Diagnostics;

namespace OrleansMesh.Curve;

/// <summary>The sizes at which the load generator is run, and with what: all of it in some ten minutes.</summary>
internal static class Measurement
{
    private static readonly string[] Changes = ["--scenarios", "hot-endpoint", "cold-endpoint", "mesh-permission", "service-permission", "idle"];

    /// <summary>Half as many services as sidecars, up to 1,000, as in the table of targets. At 10,000 the cold service is called by 400, as the target has it.</summary>
    private static readonly (int Proxies, int Services, string[] More)[] Sizes =
    [
        (500, 250, ["--rounds", "10", "--settle", "1", "--idle", "15", .. Changes]),
        (1000, 500, ["--rounds", "10", "--settle", "1", "--idle", "15", .. Changes]),
        (2000, 1000, ["--rounds", "5", "--settle", "130", "--idle", "60"]),
        (5000, 1000, ["--rounds", "5", "--settle", "1", "--idle", "15", "--cold-callers", "200", .. Changes]),
        (10_000, 1000, ["--rounds", "3", "--settle", "130", "--idle", "60", "--cold-callers", "400", "--patience", "120"]),
    ];

    private static readonly string[] Overload =
        ["--proxies", "200", "--services", "1000", "--overload", "4000", "--server-processors", "1", "--server-nice", "19", "--patience", "300"];

    /// <returns>0, or the exit code of the first run that failed.</returns>
    public static async Task<int> RunAllAsync(string loadGenerator, string results)
    {
        Directory.CreateDirectory(results);
        var exitCode = 0;
        foreach (var (name, options) in Sizes
            .Select(s => (Run.FileOf(s.Proxies), Options: (string[])["--proxies", $"{s.Proxies}", "--services", $"{s.Services}", "--outbounds", "20", .. s.More]))
            .Append((Run.OverloadFile, Overload)))
        {
            string[] arguments = [loadGenerator, .. options, "--json", Path.Combine(results, name)];
            var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
            using var process = Process.Start(new ProcessStartInfo(host, arguments))!;
            await process.WaitForExitAsync();
            exitCode = exitCode == 0 ? process.ExitCode : exitCode;
        }

        return exitCode;
    }
}
