namespace OrleansMesh.EventStore.Transfer;

/// <summary>An exported log is not as it was written. Nothing of it may be used.</summary>
/// <param name="line">The first line that is wrong, from 1.</param>
/// <param name="position">The position of the event there; 0 when it is no event.</param>
public sealed class ExportedLogException(long line, long position, string message, Exception? inner = null)
    : Exception($"line {line}{(position > 0 ? $" (position {position})" : "")}: {message}", inner)
{
    public long Line { get; } = line;

    public long Position { get; } = position;
}
