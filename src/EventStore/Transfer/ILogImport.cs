namespace OrleansMesh.EventStore.Transfer;

/// <summary>
/// Takes a whole log that another store wrote, each event as it was: position, version, actor, instant, cause and bytes. It is not part of a store that is
/// open, so that no server can be running on it meanwhile.
/// </summary>
public interface ILogImport
{
    /// <summary>Stores all entries, or none of them: an exception of <paramref name="entries"/> leaves the store empty.</summary>
    /// <returns>What the store holds now.</returns>
    /// <exception cref="EventStoreUnavailableException">The store is in use, is not empty, or cannot be written.</exception>
    Task<LogContent> ImportAsync(IAsyncEnumerable<LogEntry> entries, CancellationToken cancellationToken = default);
}

/// <summary>What a log holds.</summary>
/// <param name="Events">The number of its events, and the position of the last one.</param>
/// <param name="DataKeys">Wrapped data keys that were not destroyed.</param>
/// <param name="Streams">The number of its streams.</param>
public sealed record LogContent(long Events, long DataKeys, long Streams);
