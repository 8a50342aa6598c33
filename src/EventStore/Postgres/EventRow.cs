using Npgsql;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>A row of the events table.</summary>
/// <param name="Chain">The chain value that is stored with the event.</param>
internal readonly record struct EventRow(RecordedEvent Event, byte[] Chain)
{
    /// <summary>The column after those of the event, in a statement that selects them in the table's order.</summary>
    public const int NextColumn = 9;

    /// <exception cref="LogDamagedException">Its instant is none that was ever written.</exception>
    public static EventRow Of(NpgsqlDataReader row)
    {
        var position = row.GetInt64(0);
        var ticks = row.GetInt64(5);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            throw new LogDamagedException(position, "its instant is not one that was written");
        var context = new EventContext(row.GetString(4), new DateTimeOffset(ticks, TimeSpan.Zero), row.GetString(6));
        return new(
            new(position, row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetFieldValue<byte[]>(7), context),
            row.GetFieldValue<byte[]>(8));
    }

    /// <exception cref="LogDamagedException">The row is not the one that was written after the event whose chain value is given.</exception>
    public void Prove(EventChain hash, ReadOnlySpan<byte> previous)
    {
        Span<byte> link = stackalloc byte[EventChain.Length];
        if (previous.Length == EventChain.Length)
            hash.Link(previous, Event.Position, Event.Stream, Event.Version, new NewEvent(Event.Type, Event.Data, Event.Context), link);
        if (previous.Length != EventChain.Length || !link.SequenceEqual(Chain))
            throw new LogDamagedException(Event.Position, "the event is not the one that was written, or does not follow the one before it");
    }
}
