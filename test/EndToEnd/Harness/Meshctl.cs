namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>Runs <c>meshctl</c> to its end.</summary>
internal static class Meshctl
{
    /// <summary>What it printed; it must succeed.</summary>
    public static async Task<string> RunAsync(ServerProcess server, params string[] arguments)
    {
        await using var meshctl = ChildProcess.Start("dotnet", [Checkout.MeshctlDll, "--server", $"http://127.0.0.1:{server.ApiPort}", .. arguments]);
        await meshctl.WaitForExitAsync();
        Assert.True(meshctl.ExitCode == 0, $"meshctl {string.Join(' ', arguments)} exited with {meshctl.ExitCode}:\n{meshctl.Output}");
        return meshctl.Output;
    }
}
