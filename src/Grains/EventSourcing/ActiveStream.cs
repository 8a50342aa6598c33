namespace OrleansMesh.Grains.EventSourcing;

/// <summary>A stream whose grain is active: how far the log is, and how far the grain.</summary>
internal sealed class ActiveStream(string name, IStreamFollower grain)
{
    private long _committed;
    private long _applied;
    private int _called;

    public string Name => name;

    /// <summary>The version of the last event that is known to be in the log.</summary>
    public long Committed => Volatile.Read(ref _committed);

    /// <summary>The version of the last event in the grain's state.</summary>
    public long Applied
    {
        get => Volatile.Read(ref _applied);
        set => Volatile.Write(ref _applied, value);
    }

    /// <summary>The log holds the event of that version. Called by whoever follows the log, and nobody else.</summary>
    public void Grew(long version)
    {
        Volatile.Write(ref _committed, version);
        Wake();
    }

    /// <summary>Calls the grain if it lacks something; once, however much it lacks, until it has begun to look.</summary>
    public void Wake()
    {
        if (Committed > Applied && Interlocked.Exchange(ref _called, 1) == 0)
            _ = grain.StreamGrew();
    }

    /// <summary>Calls it again, since the last call may have been lost.</summary>
    public void WakeAgain()
    {
        if (Committed > Applied)
            _ = grain.StreamGrew();
    }

    /// <summary>The grain begins to look.</summary>
    /// <returns>Whether it lacks something.</returns>
    public bool Answers()
    {
        // First, so that what is committed from here on calls again.
        Interlocked.Exchange(ref _called, 0);
        return Committed > Applied;
    }
}
