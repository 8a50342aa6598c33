using System.Text;
using Microsoft.Data.Sqlite;
using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>What the log's rows, all of them read and proved, add up to.</summary>
/// <param name="Streams">Every stream with its version and last position.</param>
/// <param name="Position">The last position; 0 for an empty log.</param>
/// <param name="Chain">The chain value there.</param>
internal sealed record VerifiedLog(Dictionary<string, StreamHead> Streams, long Position, byte[] Chain);

/// <summary>Reads the whole log as it is opened, and proves it event by event.</summary>
internal static class LogVerification
{
    /// <exception cref="LogDamagedException">Something is not as it was written.</exception>
    public static VerifiedLog Verify(SqliteConnection connection, Witness? witness)
    {
        var log = new VerifiedLog(new Dictionary<string, StreamHead>(StringComparer.Ordinal), 0, EventChain.Start.ToArray());
        log = Continue(connection, log, witness);
        if (witness is not null && log.Position < witness.Position)
        {
            throw new LogDamagedException(
                log.Position + 1,
                $"the log ends at position {log.Position}, but the event at position {witness.Position} was acknowledged");
        }

        return log;
    }

    /// <summary>Proves the events after <paramref name="known"/> and adds them to it.</summary>
    /// <exception cref="LogDamagedException">Something is not as it was written.</exception>
    public static VerifiedLog Continue(SqliteConnection connection, VerifiedLog known, Witness? witness)
    {
        var streams = known.Streams;
        var names = streams.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> name = stackalloc char[EventStoreLimits.StreamNameBytes];
        var position = known.Position;
        var previous = known.Chain.ToArray();
        var chain = new EventChain();
        try
        {
            using var row = new Statement(connection, $"SELECT {EventRow.Columns} FROM events e WHERE e.position > ?1 ORDER BY e.position");
            row.Bind(1, position);
            while (row.Step())
            {
                var expected = position + 1;
                if (EventRow.Position(row) != expected)
                    throw new LogDamagedException(expected, $"the event is missing; the next one is at position {EventRow.Position(row)}");
                if (!EventRow.Follows(row, chain, previous))
                    throw new LogDamagedException(expected, "the event is not the one that was written, or does not follow the one before it");
                EventRow.Chain(row).CopyTo(previous);
                if (expected == witness?.Position && !previous.AsSpan().SequenceEqual(witness.Chain))
                    throw new LogDamagedException(expected, "the event is not the one that was acknowledged at this position");
                if (!Encoding.UTF8.TryGetChars(EventRow.Stream(row), name, out var length))
                    throw new LogDamagedException(expected, "the stream's name is longer than any that was written");
                var head = names.TryGetValue(name[..length], out var found) ? found : default;
                if (EventRow.Version(row) != head.Version + 1)
                    throw new LogDamagedException(expected, $"version {head.Version + 1} of stream '{name[..length]}' was expected");
                names[name[..length]] = new StreamHead(head.Version + 1, expected);
                position = expected;
            }
        }
        catch (SqliteException exception) when (LogDatabase.IsDamage(exception))
        {
            throw new LogDamagedException(position + 1, "SQLite cannot read on from here", exception);
        }

        return new VerifiedLog(streams, position, previous);
    }
}
