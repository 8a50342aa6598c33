namespace OrleansMesh.EventStore;

/// <summary>The leases of a log that only one process can have open: that process has them all, and they exclude one another within it.</summary>
public sealed class LocalLeases : ILeases
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);

    public Task<ILease?> TryAcquireAsync(string name, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckName(name, EventStoreLimits.LeaseNameBytes, nameof(name));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return Task.FromResult<ILease?>(_held.Add(name) ? new Lease(this, name) : null);
    }

    private void Release(string name)
    {
        lock (_gate)
            _held.Remove(name);
    }

    private sealed class Lease(LocalLeases leases, string name) : ILease
    {
        private int _released;

        // Whoever has the process has the lease: it ends with both.
        public CancellationToken Lost => CancellationToken.None;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                leases.Release(name);
            return ValueTask.CompletedTask;
        }
    }
}
