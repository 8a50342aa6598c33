using System.Runtime.InteropServices;
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
            await using var server = await OpenAsync(configuration);
            if (server is null)
                return Stopped;
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

    /// <returns>Null when a signal stopped it first.</returns>
    private static async Task<Server?> OpenAsync(ServerConfiguration configuration)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            var server = await AwaitedLog.OpenAsync(configuration, stop.Token);
            if (!stop.IsCancellationRequested)
                return server;
            await server.DisposeAsync();
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
