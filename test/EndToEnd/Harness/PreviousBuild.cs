using System.Diagnostics;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>The server as it was before the last change to it, built from the checkout's history in a folder of its own.</summary>
internal sealed class PreviousBuild : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansmesh-previous-").FullName;

    private PreviousBuild(string commit) => Commit = commit;

    public string Commit { get; }

    public string ServerDll => Path.Combine(_folder, Path.GetRelativePath(Checkout.Root, Checkout.ServerDll));

    /// <summary>Skips the test where the checkout has no history that reaches back to it.</summary>
    public static async Task<PreviousBuild> MakeAsync()
    {
        // What is not committed is the last change.
        var isChanged = await RunAsync(Checkout.Root, "git", "status", "--porcelain", "--", "src") is not (0, "");
        var (code, commits) = await RunAsync(Checkout.Root, "git", "rev-list", "--first-parent", "-n", isChanged ? "1" : "2", "HEAD", "--", "src");
        var found = commits.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Skip.If(code != 0 || found.Length < (isChanged ? 1 : 2), $"the history of this checkout does not reach back to the server before: {commits}");
        var build = new PreviousBuild(found[^1]);
        try
        {
            await MustRunAsync(build._folder, "sh", "-c", $"git -C '{Checkout.Root}' archive {build.Commit} | tar -x");
            var host = Checkout.IsOnOrleans ? "Orleans" : "Embedded";
            await MustRunAsync(
                build._folder, "dotnet", "build", "src/Silo", "-c", Checkout.Configuration, $"-p:GrainHost={host}", "-p:RunAnalyzers=false", "-m:1", "--nologo", "-v", "quiet");
            return build;
        }
        catch
        {
            build.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task MustRunAsync(string folder, params string[] command)
    {
        var (code, output) = await RunAsync(folder, command);
        Assert.True(code == 0, $"{string.Join(' ', command)}: {output}");
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
