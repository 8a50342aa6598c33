using System.Text;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>A row of the events table, read by a statement that selects <see cref="Columns"/> first.</summary>
internal static class EventRow
{
    public const string Columns = "e.position, e.stream, e.version, e.type, e.actor, e.at, e.cause, e.data, e.chain";

    /// <summary>The column after <see cref="Columns"/>.</summary>
    public const int NextColumn = 9;

    public static long Position(Statement row) => row.Int64(0);

    public static ReadOnlySpan<byte> Stream(Statement row) => row.Bytes(1);

    public static long Version(Statement row) => row.Int64(2);

    public static ReadOnlySpan<byte> Chain(Statement row) => row.Bytes(8);

    public static int Size(Statement row) => row.Bytes(7).Length;

    /// <summary>True when the row is the one that was written after the event whose chain value is given.</summary>
    public static bool Follows(Statement row, EventChain chain, ReadOnlySpan<byte> previous)
    {
        if (previous.Length != EventChain.Length)
            return false;
        Span<byte> link = stackalloc byte[EventChain.Length];
        chain.Link(
            previous, row.Int64(0), row.Int64(2), row.Int64(5), row.Bytes(1), row.Bytes(3), row.Bytes(4), row.Bytes(6), row.Bytes(7), link);
        return link.SequenceEqual(row.Bytes(8));
    }

    /// <summary>To be called on rows that <see cref="Follows"/> has proved.</summary>
    public static RecordedEvent Decode(Statement row) => new(
        Position(row),
        Encoding.UTF8.GetString(row.Bytes(1)),
        Version(row),
        Encoding.UTF8.GetString(row.Bytes(3)),
        row.Bytes(7).ToArray(),
        new EventContext(
            Encoding.UTF8.GetString(row.Bytes(4)),
            new DateTimeOffset(row.Int64(5), TimeSpan.Zero),
            Encoding.UTF8.GetString(row.Bytes(6))));
}
