namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>Runs <c>meshctl</c> to its end.</summary>
internal static class Meshctl
{
    /// <summary>What it printed; it must succeed.</summary>
    public static async Task<string> RunAsync(ServerProcess server, params string[] arguments)
    {
        var (code, output) = await TryAsync(server, arguments);
        Assert.True(code == 0, $"meshctl {string.Join(' ', arguments)} exited with {code}:\n{output}");
        return output;
    }

    /// <summary>Its exit code, and what it printed.</summary>
    public static Task<(int ExitCode, string Output)> TryAsync(ServerProcess server, params string[] arguments)
        => ChildProcess.RunAsync("dotnet", [Checkout.MeshctlDll, "--server", $"http://127.0.0.1:{server.ApiPort}", .. arguments]);
}
