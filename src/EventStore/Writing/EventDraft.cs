namespace OrleansMesh.EventStore.Writing;

/// <summary>What the appends of one batch add to the end of the log, one after the other: positions, versions and chain. Forgotten when the commit fails.</summary>
internal abstract class EventDraft(EventChain hash, long position, ReadOnlySpan<byte> chain)
{
    private readonly Dictionary<string, StreamHead> _changed = new(StringComparer.Ordinal);
    private readonly byte[] _chain = chain.ToArray();

    /// <summary>The last position, with what was added.</summary>
    public long Position { get; private set; } = position;

    /// <summary>The chain value there.</summary>
    public ReadOnlySpan<byte> Chain => _chain;

    /// <summary>The streams that were added to.</summary>
    public IReadOnlyDictionary<string, StreamHead> Changed => _changed;

    /// <summary>Where the stream is, with what was added.</summary>
    public StreamHead Head(string stream) => _changed.TryGetValue(stream, out var head) ? head : Committed(stream);

    public void Append(string stream, NewEvent added)
    {
        var position = Position + 1;
        var version = Head(stream).Version + 1;
        hash.Link(_chain, position, stream, version, added, _chain);
        Write(position, stream, version, added, _chain);
        _changed[stream] = new StreamHead(version, position);
        Position = position;
    }

    /// <summary>Why no event of that type may be appended now; null when it may.</summary>
    public virtual Exception? Refusal(string eventType) => null;

    /// <summary>Where the stream was before the batch.</summary>
    protected abstract StreamHead Committed(string stream);

    protected abstract void Write(long position, string stream, long version, NewEvent added, ReadOnlySpan<byte> link);
}
