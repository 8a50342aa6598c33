namespace OrleansMesh.EventStore;

/// <summary>What every store accepts. An append outside these limits is refused with <see cref="ArgumentException"/> and changes nothing.</summary>
public static class EventStoreLimits
{
    /// <summary>Bytes of a stream's name. A name is printable ASCII without spaces: segments separated by <c>/</c>, none of them empty.</summary>
    public const int StreamNameBytes = 512;

    /// <summary>Bytes of an event type's name: printable ASCII without spaces.</summary>
    public const int EventTypeBytes = 128;

    /// <summary>UTF-8 bytes of an actor and of a cause: text without control characters.</summary>
    public const int ContextFieldBytes = 1024;

    /// <summary>Bytes of one event's JSON.</summary>
    public const int EventDataBytes = 4 * 1024 * 1024;

    /// <summary>Events of one append, over all of its streams.</summary>
    public const int AppendEvents = 10_000;

    /// <summary>Bytes of JSON of one append, over all of its events.</summary>
    public const int AppendDataBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of one snapshot's JSON.</summary>
    public const int SnapshotDataBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of a lease's name: printable ASCII without spaces.</summary>
    public const int LeaseNameBytes = 128;
}
