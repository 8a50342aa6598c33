using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// The end of the log as callers may know it: what is durable and witnessed. Readers stop here, so that nobody is shown an event that a
/// crash could still take back. Its streams are kept in memory: verification reads every event anyway, and an append then needs no query.
/// </summary>
internal sealed class PublishedLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamHead> _streams;
    private readonly LogEnd _end;

    public PublishedLog(VerifiedLog verified)
    {
        _streams = verified.Streams;
        _end = new LogEnd(verified.Position);
    }

    public long Position => _end.Position;

    public bool IsClosed => _end.IsClosed;

    /// <summary>See <see cref="LogEnd.Advanced"/>.</summary>
    public Task Advanced => _end.Advanced;

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
        }

        _end.AdvanceTo(position);
    }

    public void Close() => _end.Close();
}
