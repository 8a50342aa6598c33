using OrleansMesh.EventStore;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>Opens a server whose database may be away for the moment: whoever restarts both at once need not think of the order.</summary>
internal static class AwaitedLog
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>As <see cref="Server.OpenAsync"/>, and again for as long as what fails may pass by itself.</summary>
    /// <exception cref="OperationCanceledException">The process is to stop.</exception>
    public static async Task<Server> OpenAsync(ServerConfiguration configuration, CancellationToken stop)
    {
        try
        {
            return await Server.OpenAsync(configuration);
        }
        catch (EventStoreUnavailableException away) when (away.MayPass)
        {
            return await WaitAsync(configuration, away.Message, stop);
        }
    }

    private static async Task<Server> WaitAsync(ServerConfiguration configuration, string reason, CancellationToken stop)
    {
        using var logging = LoggerFactory.Create(log => log.AddServerConsole(configuration.Log));
        var logger = logging.CreateLogger(typeof(AwaitedLog));
        logger.LogWarning("The server waits: {Reason}", reason);
        await using var page = await WaitingPage.OpenAsync(configuration, () => $"waiting for the event log: {reason}", stop);
        for (var wait = ShortestWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            // Servers that lost their database together should not all come back to it in the same moment.
            await Task.Delay(wait * (0.5 + (Random.Shared.NextDouble() / 2)), stop);
            try
            {
                var server = await Server.OpenAsync(configuration);
                logger.LogInformation("The event log can be opened: the server starts");
                return server;
            }
            catch (EventStoreUnavailableException away) when (away.MayPass)
            {
                reason = away.Message;
            }
        }
    }
}
