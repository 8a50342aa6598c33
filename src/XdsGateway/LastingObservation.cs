using Microsoft.Extensions.Logging;

namespace OrleansMesh.XdsGateway;

/// <summary>Observes a grain until it is stopped. A failure delays what is observed and never loses it.</summary>
internal static class LastingObservation
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <param name="observe">Registers the observer and takes what is so now.</param>
    /// <param name="what">What is observed, for the log.</param>
    /// <param name="again">How often to register anew, in case the grain forgot; infinite: never.</param>
    public static async Task RunAsync<TObserver>(
        TObserver observer,
        Func<TObserver, Task> observe,
        Func<TObserver, Task> unobserve,
        string what,
        TimeSpan again,
        IGrainFactory grains,
        TimeProvider time,
        ILogger logger,
        CancellationToken stopped)
        where TObserver : class, IGrainObserver
    {
        var reference = grains.CreateObjectReference<TObserver>(observer);
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                await observe(reference);
                await Task.Delay(again, time, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Could not observe {What}; trying again", what);
                await Task.Delay(RetryDelay, time, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        try
        {
            await unobserve(reference);
        }
        catch (Exception e)
        {
            logger.LogDebug(e, "Could not take back the observation of {What}", what);
        }

        grains.DeleteObjectReference<TObserver>(reference);
    }
}
