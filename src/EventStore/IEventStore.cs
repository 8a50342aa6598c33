namespace OrleansMesh.EventStore;

/// <summary>
/// An append-only log of events, cut into streams, with one global order.
/// </summary>
/// <remarks>
/// Every event has a position: strictly increasing over the whole log, starting at 1. A reader that has been shown position N is never later
/// shown an event at or below N. An append is acknowledged only when it is durable.
/// </remarks>
public interface IEventStore : IAsyncDisposable
{
    /// <summary>Appends to one stream or, atomically, to several: all of them or none.</summary>
    /// <exception cref="WrongExpectedVersionException">A stream was not at the version that its append expected; nothing was appended.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot write now. Whether the append happened is then unknown to
    /// the caller, who must read the stream again before deciding anew.</exception>
    Task<AppendResult> AppendAsync(IReadOnlyList<StreamAppend> appends, CancellationToken cancellationToken = default);

    /// <summary>The events of one stream whose version is above <paramref name="afterVersion"/>, in order. Empty for an unknown stream.</summary>
    IAsyncEnumerable<RecordedEvent> ReadStreamAsync(string stream, long afterVersion = 0, CancellationToken cancellationToken = default);

    /// <summary>The events of the whole log whose position is above <paramref name="afterPosition"/>, in order, up to the present end.</summary>
    IAsyncEnumerable<RecordedEvent> ReadAllAsync(long afterPosition = 0, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="ReadAllAsync"/>, then, without end, each event as it is committed. No polling. Ends by cancellation or disposal only.</summary>
    IAsyncEnumerable<RecordedEvent> FollowAsync(long afterPosition = 0, CancellationToken cancellationToken = default);

    /// <summary>The position of the last committed event; 0 for an empty log.</summary>
    ValueTask<long> HeadAsync(CancellationToken cancellationToken = default);

    /// <summary>Names and versions of the streams whose name starts with <paramref name="prefix"/>, by ordinal order of the name.</summary>
    IAsyncEnumerable<StreamInfo> ListStreamsAsync(string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>Keeps <paramref name="snapshot"/> as the stream's newest one. An older one than the one that is kept is ignored.</summary>
    Task SaveSnapshotAsync(StreamSnapshot snapshot, CancellationToken cancellationToken = default);

    /// <summary>The newest snapshot of the stream with the given schema, if any. A snapshot never replaces events: it only saves reading them.</summary>
    Task<StreamSnapshot?> ReadSnapshotAsync(string stream, int schema, CancellationToken cancellationToken = default);
}
