namespace OrleansMesh.Silo.Hosting;

/// <summary>Stops the server when something failed without which it must not go on; its exit code then says so.</summary>
public sealed class ServerFailure(IHostApplicationLifetime lifetime, ILogger<ServerFailure> logger)
{
    /// <summary>The first failure, if any.</summary>
    public Exception? Exception { get; private set; }

    public void Stop(string what, Exception exception)
    {
        logger.LogCritical(exception, "{What}; the server stops", what);
        Exception ??= exception;
        lifetime.StopApplication();
    }
}
