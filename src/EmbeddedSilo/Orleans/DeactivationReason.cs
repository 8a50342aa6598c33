namespace Orleans;

/// <summary>Why an activation ends.</summary>
public readonly struct DeactivationReason
{
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Exception = exception;
        Description = text;
    }

    public string Description { get; }

    public DeactivationReasonCode ReasonCode { get; }

    public Exception? Exception { get; }

    public override string ToString() => $"{ReasonCode}: {Description}";
}

/// <summary>The kinds of reason why the embedded silo ends an activation.</summary>
public enum DeactivationReasonCode : byte
{
    None = 0,

    /// <summary>The silo is stopping.</summary>
    ShuttingDown = 1,

    /// <summary>Nothing called the grain for the time after which idle grains are collected.</summary>
    ActivationIdle = 4,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,
}
