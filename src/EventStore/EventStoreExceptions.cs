namespace OrleansMesh.EventStore;

/// <summary>A stream was not at the version that an append expected. Nothing was appended: reload the stream and decide again.</summary>
public sealed class WrongExpectedVersionException(string stream, long expected, long actual)
    : Exception($"stream '{stream}' is at version {actual}, expected {expected}")
{
    public string Stream { get; } = stream;
    public long Expected { get; } = expected;
    public long Actual { get; } = actual;
}

/// <summary>
/// An event of that type cannot be written yet: a server that lives on the same log, and is older than this one, could not read it. Nothing was appended;
/// when that server is upgraded or stopped, the same append succeeds.
/// </summary>
public sealed class OlderServerException(string message) : Exception(message)
{
    internal OlderServerException(string eventType, string lease, string program)
        : this($"an event of type '{eventType}' cannot be written yet: the server with the lease '{lease}' ({program}) does not know that type; upgrade it or stop it first")
    {
    }
}

/// <summary>The store cannot be written or read now.</summary>
public sealed class EventStoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it may pass by itself, as when a database is restarted; false where somebody has to change something, such as a password.</summary>
    public bool MayPass { get; internal init; }
}

/// <summary>The log on disk is not what was written. It is never repaired by leaving something out.</summary>
/// <param name="position">The first position that is not as it was written; 0 when every event is, and what is beside them is not.</param>
/// <param name="message">What is wrong with it.</param>
public sealed class LogDamagedException(long position, string message, Exception? inner = null)
    : Exception($"the event log is damaged at position {position}: {message}", inner)
{
    public long Position { get; } = position;
}
