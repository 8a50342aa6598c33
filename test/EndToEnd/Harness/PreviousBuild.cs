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
        var isChanged = await ChildProcess.RunAsync("git", "-C", Checkout.Root, "status", "--porcelain", "--", "src") is not (0, "");
        var (code, commits) = await ChildProcess.RunAsync("git", "-C", Checkout.Root, "rev-list", "--first-parent", "-n", isChanged ? "1" : "2", "HEAD", "--", "src");
        var found = commits.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Skip.If(code != 0 || found.Length < (isChanged ? 1 : 2), $"the history of this checkout does not reach back to the server before: {commits}");
        var build = new PreviousBuild(found[^1]);
        try
        {
            await MustRunAsync("sh", "-c", $"git -C '{Checkout.Root}' archive {build.Commit} | tar -x -C '{build._folder}'");
            var host = Checkout.IsOnOrleans ? "Orleans" : "Embedded";
            await MustRunAsync(
                "dotnet", "build", Path.Combine(build._folder, "src", "Silo"), "-c", Checkout.Configuration, $"-p:GrainHost={host}", "-p:RunAnalyzers=false", "-m:1", "--nologo", "-v", "quiet");
            return build;
        }
        catch
        {
            build.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task MustRunAsync(string program, params string[] arguments)
    {
        var (code, output) = await ChildProcess.RunAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {output}");
    }
}
