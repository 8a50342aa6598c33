using Microsoft.Extensions.Logging;
using OrleansMesh.EventStore;

namespace OrleansMesh.Grains.Silos;

/// <summary>
/// Which of the silos that share the log are alive. Each holds a lease of its own name for as long as it runs and reaches the log; one that dies loses it
/// within seconds.
/// </summary>
/// <param name="name">This run of this silo, unique among all runs of all silos: printable ASCII without spaces.</param>
public sealed class LivingSilos(string name, ILeases leases, TimeProvider time, ILogger<LivingSilos> logger)
{
    /// <summary>How old an answer may be. Many proxies of one dead silo ask at once.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTimeOffset At, Task<bool> Answer)> _asked = new(StringComparer.Ordinal);

    /// <summary>This silo.</summary>
    public string Name => name;

    /// <summary>Holds this silo's own lease until it is told to stop, and takes it anew whenever it was lost.</summary>
    public async Task HoldAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await leases.TryAcquireAsync(LeaseOf(name), stop) is { } lease)
                {
                    await using (lease)
                    {
                        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, lease.Lost);
                        await Task.Delay(Timeout.InfiniteTimeSpan, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    }

                    if (!stop.IsCancellationRequested)
                        logger.LogWarning("The other silos take this one, {Silo}, for dead: the log could not be reached in time", name);
                    continue;
                }
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                logger.LogWarning("Whether this silo, {Silo}, is alive could not be told to the others: {Reason}", name, e.Message);
            }

            await Task.Delay(RetryDelay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether that silo runs. Where it cannot be found out it counts as alive: nothing is ended on a guess.</summary>
    /// <param name="silo">Empty for one that had no name, which is no more.</param>
    public Task<bool> IsAliveAsync(string silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        if (silo.Length == 0 || silo == name)
            return Task.FromResult(silo.Length > 0);
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (!_asked.TryGetValue(silo, out var asked) || now - asked.At >= Fresh)
                _asked[silo] = asked = (now, AskAsync(silo));
            return asked.Answer;
        }
    }

    // What can be taken was held by nobody.
    private async Task<bool> AskAsync(string silo)
    {
        try
        {
            await using var taken = await leases.TryAcquireAsync(LeaseOf(silo));
            return taken is null;
        }
        catch (Exception e)
        {
            logger.LogWarning("Whether silo {Silo} is alive could not be found out: {Reason}", silo, e.Message);
            return true;
        }
    }

    private static string LeaseOf(string silo) => $"silo/{silo}";
}
