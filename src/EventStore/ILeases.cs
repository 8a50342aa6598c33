namespace OrleansMesh.EventStore;

/// <summary>
/// Who may do work that must happen once in the fleet (sweeps, rotation): among all servers that share one log, at most one holds a lease of a name.
/// </summary>
public interface ILeases
{
    /// <summary>Takes the lease if nobody holds it. A holder that dies loses it within seconds; nothing else needs to be done.</summary>
    /// <param name="name">Names the work: printable ASCII without spaces, at most <see cref="EventStoreLimits.LeaseNameBytes"/> characters.</param>
    /// <returns>The lease, to be disposed after the work; null while somebody else holds it, in this process or another.</returns>
    /// <exception cref="EventStoreUnavailableException">Whether it can be had is not known now.</exception>
    Task<ILease?> TryAcquireAsync(string name, CancellationToken cancellationToken = default);
}

/// <summary>A lease that is held, and renewed by itself, until it is disposed or <see cref="Lost"/>.</summary>
/// <remarks>Disposal gives it free for the next one; where that fails it runs out by itself.</remarks>
public interface ILease : IAsyncDisposable
{
    /// <summary>
    /// Cancelled when the lease could not be renewed, before anybody else can take it: the work must stop at once. A holder that works on after
    /// that may do it a second time. Not cancelled by disposal.
    /// </summary>
    CancellationToken Lost { get; }
}
