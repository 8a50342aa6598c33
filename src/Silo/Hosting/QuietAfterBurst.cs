namespace OrleansMesh.Silo.Hosting;

/// <summary>Tells when a burst of work is over, by what is allocated between two looks. Pure.</summary>
/// <param name="allocated">Bytes allocated since the process began, now and at each look.</param>
/// <param name="committed">Bytes that the heap takes from the machine, now and at each look.</param>
internal sealed class QuietAfterBurst(long allocated, long committed)
{
    /// <summary>Bytes between two looks that are no work to speak of.</summary>
    internal const long Quiet = 2 * 1024 * 1024;

    /// <summary>Bytes by which the heap has to have grown, and allocations since it was compacted have to exceed it: less is not worth stopping for.</summary>
    internal const long WorthIt = 32 * 1024 * 1024;

    /// <summary>Looks, every five seconds: a minute, so that what follows from a burst is over as well, a sweep and the keeping of the index, which are due once a minute.</summary>
    internal const int QuietLooks = 12;

    private long _allocated = allocated;
    private long _compactedAt = allocated;
    private long _compactedTo = committed;
    private int _quietLooks;

    /// <summary>A look: whether the heap has grown in a burst that ended a minute ago.</summary>
    public bool HasCome(long allocated, long committed)
    {
        _quietLooks = allocated - _allocated <= Quiet ? _quietLooks + 1 : 0;
        _allocated = allocated;
        return _quietLooks >= QuietLooks && committed - _compactedTo >= WorthIt && allocated - _compactedAt >= WorthIt;
    }

    /// <summary>The heap was compacted.</summary>
    public void Compacted(long allocated, long committed) => (_allocated, _compactedAt, _compactedTo) = (allocated, allocated, committed);
}
