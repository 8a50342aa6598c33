namespace OrleansMesh.EmbeddedSilo;

/// <summary>How an embedded silo behaves in time.</summary>
public sealed class EmbeddedSiloOptions
{
    /// <summary>
    /// How long a caller waits for an answer before it gets a <see cref="TimeoutException"/>. Checked four times in this time, and at
    /// least once a second, so it can come that much later.
    /// </summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain may take to activate.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain may take to deactivate before it is let go all the same.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain must go unused before it is deactivated.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <exception cref="ArgumentOutOfRangeException">A time is zero, negative, or over 24 days.</exception>
    internal void Validate()
    {
        Check(ResponseTimeout, nameof(ResponseTimeout));
        Check(ActivationTimeout, nameof(ActivationTimeout));
        Check(DeactivationTimeout, nameof(DeactivationTimeout));
        Check(CollectionAge, nameof(CollectionAge));
    }

    private static void Check(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value.TotalMilliseconds > int.MaxValue)
            throw new ArgumentOutOfRangeException(name, value, "Expected more than zero and at most 24 days.");
    }
}
