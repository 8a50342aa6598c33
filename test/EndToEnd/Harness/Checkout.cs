using System.Diagnostics;
using System.Reflection;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>The checkout from which the tests run, and the programs built in it.</summary>
internal static class Checkout
{
    private static readonly string Binaries = Metadata("Binaries").Replace('\\', '/');

    public static string Root { get; } = FindRoot();

    public static string ServerDll => Path.Combine(Root, "src", "Silo", Binaries, "OrleansMesh.Silo.dll");

    public static string MeshctlDll => Path.Combine(Root, "src", "Cli", Binaries, "meshctl.dll");

    /// <summary>Whether the servers run their grains on Orleans, and so have a port for each other.</summary>
    public static bool IsOnOrleans { get; } = Metadata("GrainHost") == "Orleans";

    /// <summary>Debug or Release.</summary>
    public static string Configuration { get; } = Binaries.Split('/')[^2];

    /// <summary>Envoy's path. Where there is none the test is skipped; where <c>CI=true</c> it fails.</summary>
    public static string Envoy()
    {
        var (path, why) = FoundEnvoy.Value;
        if (path is null && Environment.GetEnvironmentVariable("CI") == "true")
            throw new InvalidOperationException($"Envoy is needed: {why}");
        Skip.If(path is null, $"Envoy is needed: {why}");
        return path!;
    }

    private static readonly Lazy<(string? Path, string Why)> FoundEnvoy = new(() =>
    {
        if (Environment.GetEnvironmentVariable("ENVOY") is { Length: > 0 } given)
            return File.Exists(given) ? (given, "") : (null, $"$ENVOY is '{given}', which does not exist");
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            var candidate = Path.Combine(folder, "envoy");
            if (folder.Length > 0 && File.Exists(candidate))
                return (candidate, "");
        }

        // Finds it in the cache, or fetches it.
        using var get = Process.Start(new ProcessStartInfo("sh", [Path.Combine(Root, "eng", "get-envoy")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = get.StandardError.ReadToEndAsync();
        var output = get.StandardOutput.ReadToEnd().Trim();
        get.WaitForExit();
        return get.ExitCode == 0 ? (output, "") : (null, error.Result.Trim());
    });

    private static string Metadata(string key)
        => typeof(Checkout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansMesh.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("these tests must run from a checkout: no OrleansMesh.sln above " + AppContext.BaseDirectory);
    }
}
