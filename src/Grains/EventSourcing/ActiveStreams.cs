using System.Collections.Concurrent;
using OrleansMesh.EventStore;

namespace OrleansMesh.Grains.EventSourcing;

/// <summary>
/// The streams whose grains are active in this silo. Whoever follows the log tells it of every event, and each grain that lacks one, since another silo
/// appended it, is woken; none is activated. A silo's own appends cost a look into this table and no read.
/// </summary>
public sealed class ActiveStreams
{
    private readonly ConcurrentDictionary<string, ActiveStream> _streams = new(StringComparer.Ordinal);

    /// <summary>The log holds this event. To be called in the order of the log, before anybody is shown that the log has come so far: whoever then calls the
    /// stream's grain is answered by one that knows the event.</summary>
    public void Committed(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        if (_streams.TryGetValue(recorded.Stream, out var stream))
            stream.Grew(recorded.Version);
    }

    /// <summary>Calls each grain that still lacks an event: its last call may have been lost. Costs a comparison for each that lacks none.</summary>
    public void WakeThoseBehind()
    {
        foreach (var (_, stream) in _streams)
            stream.WakeAgain();
    }

    internal ActiveStream Add(string name, IStreamFollower grain) => _streams[name] = new ActiveStream(name, grain);

    internal void Remove(ActiveStream stream) => _streams.TryRemove(KeyValuePair.Create(stream.Name, stream));
}
