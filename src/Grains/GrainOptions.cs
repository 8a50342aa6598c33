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

    /// <summary>When a mesh comes up, one service after the other is first known by what it speaks. A proxy hears of the first at once, and of those within this
    /// time after it together: each time its listeners are replaced.</summary>
    public TimeSpan ProtocolPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a change of authorities waits for connected proxies that do not say that they trust the new one.</summary>
    public TimeSpan RotationTimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an authority stays trusted after another one signs, at least: for what was signed at the last moment, by this silo or another.</summary>
    public TimeSpan RotationSettling { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a grain goes on telling an observer that does not say again that it observes; null: until it says that it no longer does. For silos that
    /// may die and leave their observers behind.</summary>
    public TimeSpan? ObserverExpiry { get; init; }

    /// <summary>A stream's state is kept as a snapshot after so many events, so that an activation reads fewer.</summary>
    public int SnapshotInterval { get; init; } = 200;
}
