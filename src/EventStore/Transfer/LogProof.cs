namespace OrleansMesh.EventStore.Transfer;

/// <summary>What a proof of a log found.</summary>
/// <param name="Content">What it holds.</param>
/// <param name="Snapshots">Snapshots of its streams that are as they were written; an exported log has none.</param>
/// <param name="Witnessed">The position of the last acknowledged event by the witness beside it; null where there is none.</param>
/// <param name="Warnings">What is not as it was written but leaves no event in doubt: damaged snapshots, which nobody uses, a missing witness.</param>
public sealed record LogReport(LogContent Content, long Snapshots, long? Witnessed, IReadOnlyList<string> Warnings);

/// <summary>Proves a log: that no event of it was altered, taken out, added or moved, and that each can be read.</summary>
public static class LogProof
{
    /// <summary>Proves a log in an exported file.</summary>
    /// <param name="read">Reads an event's JSON; throws when it cannot.</param>
    /// <exception cref="ExportedLogException">It is not as it was written.</exception>
    /// <exception cref="LogDamagedException">An event cannot be read.</exception>
    public static async Task<LogReport> OfExportAsync(Stream input, Action<RecordedEvent> read, CancellationToken cancellationToken = default)
    {
        var tally = new Tally(read);
        await foreach (var entry in ExportedLog.ReadAsync(input, cancellationToken).ConfigureAwait(false))
            tally.Add(entry);
        return new LogReport(tally.Content, 0, null, []);
    }

    /// <summary>Proves the log in a store that is open: every event is read, and the store proves each that it reads.</summary>
    /// <exception cref="LogDamagedException">It is not as it was written, or an event cannot be read.</exception>
    public static async Task<LogReport> OfStoreAsync(
        IEventStore events, IDataKeyStore keys, Action<RecordedEvent> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(keys);
        var tally = new Tally(read);
        await foreach (var id in keys.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await keys.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } key)
                tally.Add(new KeyEntry(key));
        }

        await foreach (var recorded in events.ReadAllAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
            tally.Add(new EventEntry(recorded));
        return new LogReport(tally.Content, 0, null, []);
    }

    /// <summary>Counts entries, and holds events to their order and to being readable.</summary>
    internal sealed class Tally(Action<RecordedEvent> read)
    {
        private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
        private long _position;
        private long _keys;

        public LogContent Content => new(_position, _keys, _versions.Count);

        public void Add(LogEntry entry)
        {
            if (entry is not EventEntry { Event: var recorded })
            {
                _keys++;
                return;
            }

            if (recorded.Position != _position + 1)
                throw new LogDamagedException(_position + 1, $"the event is missing; the next one is at position {recorded.Position}");
            var version = _versions.GetValueOrDefault(recorded.Stream) + 1;
            if (recorded.Version != version)
                throw new LogDamagedException(recorded.Position, $"version {version} of stream '{recorded.Stream}' was expected, it is {recorded.Version}");
            try
            {
                read(recorded);
            }
            catch (Exception e)
            {
                throw new LogDamagedException(recorded.Position, $"the event cannot be read: {e.Message}", e);
            }

            _versions[recorded.Stream] = version;
            _position = recorded.Position;
        }
    }
}
