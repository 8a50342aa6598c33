using Orleans.Runtime;
using OrleansMesh.EmbeddedSilo.Turns;

namespace Orleans;

/// <summary>The base of every grain class. Its code runs one turn at a time, on the scheduler of its own activation.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Activation? _activation = Mailbox.OfThisThread as Activation;

    /// <summary>The activation that made this grain.</summary>
    /// <exception cref="InvalidOperationException">The grain was made by hand, not by a silo.</exception>
    internal Activation Activation => _activation
        ?? throw new InvalidOperationException($"This {GetType().Name} was not made by a silo, so it has no key, no factory and no timers.");

    protected IGrainFactory GrainFactory => Activation.Silo.GrainFactory;

    /// <summary>The services of this activation: a scope of their own, which ends when the activation does.</summary>
    protected internal IServiceProvider ServiceProvider => Activation.Services;

    /// <summary>Ends this activation once the calls that are running are done. Calls that wait, and later ones, go to a new activation.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>Keeps this activation from being collected as idle for that long from now; <see cref="TimeSpan.MaxValue"/> and
    /// <see cref="Timeout.InfiniteTimeSpan"/> for good, zero or less takes back what was asked before.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Activation.DelayDeactivation(timeSpan);

    // The parameters are named as in Orleans, which names them differently in the interface.
#pragma warning disable CA1725
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
#pragma warning restore CA1725
}
