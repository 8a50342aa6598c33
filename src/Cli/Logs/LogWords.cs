using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Transfer;

namespace OrleansMesh.Cli.Logs;

/// <summary>What is said about logs, and how their failures reach a person.</summary>
internal static class LogWords
{
    public const string KeyNote =
        "The data keys in it are wrapped by the key-encryption key (key-encryption.key in the server's data folder), which is not in it: without that file the "
        + "secrets in the log, the authorities' keys among them, cannot be opened.";

    public static string Of(LogContent content)
        => FormattableString.Invariant($"{content.Events:N0} events in {content.Streams:N0} streams and {content.DataKeys:N0} data keys");

    /// <summary>Reads an event as the server would.</summary>
    public static void Read(RecordedEvent recorded) => EventCodec.Decode(recorded.Type, recorded.Data.Span);

    /// <exception cref="CommandFailedException">Instead of what a log's failure throws.</exception>
    public static async Task<T> Told<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (e is LogDamagedException or ExportedLogException or EventStoreUnavailableException or UnreadableEventException or IOException
            or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }
    }
}
