using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>The server as a process: runs until a signal stops it.</summary>
internal static class ServerProcess
{
    private const int Stopped = 0;
    private const int Failed = 1;

    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(ServerConfiguration configuration)
    {
        try
        {
            await using var server = await Server.OpenAsync(configuration);
            await server.RunAsync();
            return server.Failure is null ? Stopped : Failed;
        }
        catch (Exception e) when (e is ServerStartException or LogDamagedException or EventStoreUnavailableException or SecretUnavailableException or IOException
            or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The server cannot start: {e.Message}");
            return Failed;
        }
    }
}
