using System.Diagnostics;

namespace OrleansMesh.Translation.Tests;

/// <summary>The real Envoy, where there is one: <c>$ENVOY</c>, on the PATH, or in the cache.</summary>
internal static class EnvoyBinary
{
    /// <summary>Null where there is none.</summary>
    public static string? Path { get; } = Candidates().FirstOrDefault(File.Exists);

    /// <summary>Skips the test where there is none, except in CI, where there has to be one.</summary>
    public static void SkipWithout()
    {
        if (Path is not null)
            return;
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "CI needs Envoy, and there is none");
        Skip.If(true, "no Envoy: set ENVOY, or run eng/get-envoy");
    }

    /// <summary>Whether Envoy takes the bootstrap, and what it said.</summary>
    public static async Task<(bool Accepted, string Output)> ValidateAsync(string bootstrapFile)
    {
        var start = new ProcessStartInfo(Path!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["--mode", "validate", "--disable-hot-restart", "--log-level", "warning", "-c", bootstrapFile])
            start.ArgumentList.Add(argument);
        using var envoy = Process.Start(start)!;
        var output = await Task.WhenAll(envoy.StandardOutput.ReadToEndAsync(), envoy.StandardError.ReadToEndAsync());
        await envoy.WaitForExitAsync();
        return (envoy.ExitCode == 0, string.Concat(output));
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("ENVOY") is { Length: > 0 } named)
            yield return named;
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return System.IO.Path.Combine(folder, "envoy");
        yield return System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "orleansmesh", "envoy-1.40.0", "envoy");
    }
}
