using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>Read-only connections, a few, shared by all readers. Each reads a page at a time, so that no slow consumer keeps a transaction open.</summary>
internal sealed class LogReaders(string path) : IAsyncDisposable
{
    private const int Limit = 8;

    private readonly SemaphoreSlim _free = new(Limit, Limit);
    private readonly ConcurrentBag<LogReader> _idle = [];
    private volatile bool _closed;

    /// <exception cref="LogDamagedException">What was read is not what was written.</exception>
    /// <exception cref="EventStoreUnavailableException">The disk cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    public async ValueTask<T> ReadAsync<T>(long after, Func<LogReader, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        LogReader? reader = null;
        try
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqliteEventStore));
            if (!_idle.TryTake(out reader))
                reader = new LogReader(LogDatabase.OpenForReading(path));
            var result = read(reader);
            _idle.Add(reader);
            reader = null;
            return result;
        }
        catch (SqliteException exception) when (LogDatabase.IsDamage(exception))
        {
            throw new LogDamagedException(after + 1, "SQLite cannot read on from here", exception);
        }
        catch (SqliteException exception)
        {
            throw new EventStoreUnavailableException("the event log cannot be read now", exception);
        }
        finally
        {
            reader?.Dispose();
            _free.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        for (var i = 0; i < Limit; i++)
            await _free.WaitAsync().ConfigureAwait(false);
        foreach (var reader in _idle)
            reader.Dispose();
        _free.Release(Limit);
    }
}
