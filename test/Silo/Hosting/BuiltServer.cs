using System.Diagnostics;

namespace OrleansMesh.Silo.Tests.Hosting;

/// <summary>The built server as a process of its own, its output to be read.</summary>
internal static class BuiltServer
{
    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [typeof(Silo.Hosting.Server).Assembly.Location, .. arguments])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    /// <summary>SIGTERM, and the exit code.</summary>
    public static async Task<int> TerminateAsync(Process server)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{server.Id}"]))
            await kill.WaitForExitAsync();
        return await ExitAsync(server);
    }

    /// <summary>Waits for its end, a minute at most, and gives the exit code.</summary>
    public static async Task<int> ExitAsync(Process server)
    {
        await server.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        return server.ExitCode;
    }
}
