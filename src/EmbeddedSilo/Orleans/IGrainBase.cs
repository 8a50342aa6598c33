namespace Orleans;

/// <summary>What the silo calls on every grain as it comes and goes. The embedded silo runs only those that derive from <see cref="Grain"/>.</summary>
public interface IGrainBase
{
    /// <summary>Called before the first call reaches the grain; an exception fails the calls that are waiting for it.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Called when no call is running and none will be; an exception is logged.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
