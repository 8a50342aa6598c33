namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// The end of the log as callers may know it: what is durable and witnessed. Readers stop here, so that nobody is shown an event that a
/// crash could still take back. Its streams are kept in memory: verification reads every event anyway, and an append then needs no query.
/// </summary>
internal sealed class PublishedLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamHead> _streams;
    private TaskCompletionSource _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _position;
    private volatile bool _closed;

    public PublishedLog(VerifiedLog verified)
    {
        _streams = verified.Streams;
        _position = verified.Position;
    }

    public long Position => Volatile.Read(ref _position);

    public bool IsClosed => _closed;

    /// <summary>Completes at the next publication, or closing, after it was read. Read it before <see cref="Position"/> and none is missed.</summary>
    public Task Advanced => Volatile.Read(ref _advanced).Task;

    public StreamHead Head(string stream)
    {
        lock (_gate)
            return _streams.GetValueOrDefault(stream);
    }

    public List<StreamInfo> StreamsWithPrefix(string prefix)
    {
        var found = new List<StreamInfo>();
        lock (_gate)
        {
            foreach (var (name, head) in _streams)
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal))
                    found.Add(new StreamInfo(name, head.Version, head.LastPosition));
            }
        }

        found.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    public void Publish(long position, IEnumerable<KeyValuePair<string, StreamHead>> changed)
    {
        lock (_gate)
        {
            foreach (var (name, head) in changed)
                _streams[name] = head;
            Volatile.Write(ref _position, position);
        }

        Interlocked.Exchange(ref _advanced, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public void Close()
    {
        _closed = true;
        Volatile.Read(ref _advanced).TrySetResult();
    }
}
