namespace OrleansMesh.Grains;

/// <summary>How grains behave in time.</summary>
public sealed record GrainOptions
{
    /// <summary>How long a Dataplane that came with its proxy stays after the connection ended.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The same for connections that an earlier run of the server recorded: every proxy has to connect anew, and all at once.</summary>
    public TimeSpan RestartGracePeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a proxy's grain waits for an authority before it goes on without.</summary>
    public TimeSpan AuthorityTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a grain waits before it tries again what another grain or the store failed to do.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether other silos append to the log too. What a grain knows may then be late, so that nothing is to be done is not said before the log was asked.</summary>
    public bool SharesLog { get; init; }

    /// <summary>How long a grain goes on telling an observer that does not say again that it observes; null: until it says that it no longer does. For silos that
    /// may die and leave their observers behind.</summary>
    public TimeSpan? ObserverExpiry { get; init; }

    /// <summary>A stream's state is kept as a snapshot after so many events, so that an activation reads fewer.</summary>
    public int SnapshotInterval { get; init; } = 200;
}
