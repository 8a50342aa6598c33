using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMesh.EventStore.Files;
using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// The log in one SQLite file, for one process: write-ahead log, <c>synchronous=FULL</c>, one writer that commits waiting appends together.
/// See <c>docs/adr/0003-event-store.md</c>.
/// </summary>
/// <remarks>A cancelled append appended nothing: once the writer has begun with it, cancellation is too late and the append is answered.</remarks>
public sealed class SqliteEventStore : IEventStore, IDataKeyStore
{
    private readonly FileStream _lock;
    private readonly WitnessFile _witness;
    private readonly PublishedLog _published;
    private readonly LogReaders _readers;
    private readonly LogWriter _writer;
    private readonly EventStoreMetrics _metrics;
    private readonly ILogger _logger;
    private int _disposed;

    private SqliteEventStore(
        SqliteEventStoreOptions options, FileStream held, SqliteConnection connection, WitnessFile witness, VerifiedLog verified, ILogger logger)
    {
        _lock = held;
        _witness = witness;
        _logger = logger;
        _published = new PublishedLog(verified);
        _metrics = new EventStoreMetrics(() => _published.Position, Availability);
        _readers = new LogReaders(options.DatabasePath);
        _writer = new LogWriter(connection, verified, _published, witness, options, _metrics, logger);
    }

    /// <summary>A disk that fails shows at the next append only, and is found well again by one: the log counts as reachable.</summary>
    public StoreAvailability Availability { get; } = new();

    /// <summary>Opens the log, makes it where there is none, and reads and proves every event of it.</summary>
    /// <exception cref="LogDamagedException">The log is not as it was written, or events at its end are missing. Its files are left as they are.</exception>
    /// <exception cref="EventStoreUnavailableException">Another store has it open, it is of a later schema version, or the disk fails.</exception>
    public static Task<SqliteEventStore> OpenAsync(
        SqliteEventStoreOptions options, ILogger<SqliteEventStore>? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueCapacity, 1);
        return Task.Run(() => Open(options, logger ?? NullLogger<SqliteEventStore>.Instance), cancellationToken);
    }

    public async Task<AppendResult> AppendAsync(IReadOnlyList<StreamAppend> appends, CancellationToken cancellationToken = default)
    {
        var size = AppendValidation.Check(appends);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var result = await _writer.WriteAsync(new PendingAppend(appends, size), cancellationToken).ConfigureAwait(false);
            _metrics.Committed(Stopwatch.GetElapsedTime(started));
            return result;
        }
        catch (Exception exception)
        {
            _metrics.Refused(exception);
            throw;
        }
    }

    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream, long afterVersion = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckStreamName(stream, nameof(stream));
        ArgumentOutOfRangeException.ThrowIfNegative(afterVersion);
        var head = _published.Head(stream);
        for (var version = afterVersion; version < head.Version;)
        {
            var after = version;
            var page = await _readers.ReadAsync(head.LastPosition - 1, reader => reader.StreamPage(stream, after, head), cancellationToken)
                .ConfigureAwait(false);
            foreach (var found in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return found;
            }

            version = page[^1].Version;
        }
    }

    public async IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        long afterPosition = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterPosition);
        var end = _published.Position;
        for (var position = afterPosition; position < end;)
        {
            var page = await ReadPageAsync(position, end, cancellationToken).ConfigureAwait(false);
            foreach (var found in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return found;
            }

            position = page[^1].Position;
        }
    }

    public async IAsyncEnumerable<RecordedEvent> FollowAsync(
        long afterPosition = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterPosition);
        var position = afterPosition;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var advanced = _published.Advanced;
            var end = _published.Position;
            if (_published.IsClosed)
                yield break;
            if (position >= end)
            {
                await advanced.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            List<RecordedEvent> page;
            try
            {
                page = await ReadPageAsync(position, end, cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (_published.IsClosed)
            {
                yield break;
            }

            foreach (var found in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return found;
            }

            position = page[^1].Position;
        }
    }

    public ValueTask<long> HeadAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_published.IsClosed, this);
        return ValueTask.FromResult(_published.Position);
    }

    public async IAsyncEnumerable<StreamInfo> ListStreamsAsync(
        string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ObjectDisposedException.ThrowIf(_published.IsClosed, this);
        foreach (var stream in _published.StreamsWithPrefix(prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return stream;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public Task SaveSnapshotAsync(StreamSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckSnapshot(snapshot);
        return _writer.WriteAsync(new PendingSnapshot(snapshot), cancellationToken);
    }

    public async Task<StreamSnapshot?> ReadSnapshotAsync(string stream, int schema, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckStreamName(stream, nameof(stream));
        var found = await _readers.ReadAsync(_published.Position, reader => reader.Snapshot(stream, schema), cancellationToken).ConfigureAwait(false);
        if (found is not { } kept)
            return null;
        if (kept.Intact && kept.Snapshot.Version <= _published.Head(stream).Version)
            return kept.Snapshot;
        _logger.LogWarning("The snapshot of stream {Stream}, schema {Schema}, is damaged and is not used; its events are read instead", stream, schema);
        return null;
    }

    Task IDataKeyStore.PutAsync(WrappedDataKey key, CancellationToken cancellationToken)
    {
        AppendValidation.CheckKey(key);
        return _writer.WriteAsync(new PendingKey(key), cancellationToken);
    }

    async Task<WrappedDataKey?> IDataKeyStore.GetAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return await _readers.ReadAsync(_published.Position, reader => reader.Key(id), cancellationToken).ConfigureAwait(false);
    }

    Task IDataKeyStore.DestroyAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return _writer.WriteAsync(new PendingKeyDestruction(id), cancellationToken);
    }

    Task<bool> IDataKeyStore.ReplaceAsync(WrappedDataKey old, WrappedDataKey rewrapped, CancellationToken cancellationToken)
    {
        AppendValidation.CheckReplacement(old, rewrapped);
        return _writer.WriteAsync(new PendingKeyReplacement(old, rewrapped), cancellationToken);
    }

    async Task<IReadOnlyList<string>> IDataKeyStore.KekIdsAsync(CancellationToken cancellationToken)
        => await _readers.ReadAsync(_published.Position, static reader => reader.KekIds(), cancellationToken).ConfigureAwait(false);

    async IAsyncEnumerable<string> IDataKeyStore.ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var id in await _readers.ReadAsync(_published.Position, static reader => reader.Keys(), cancellationToken).ConfigureAwait(false))
            yield return id;
    }

    /// <summary>Commits and answers what waits, ends followers, and gives the log free for another process.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _writer.DisposeAsync().ConfigureAwait(false);
        _published.Close();
        await _readers.DisposeAsync().ConfigureAwait(false);
        _witness.Dispose();
        _metrics.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private ValueTask<List<RecordedEvent>> ReadPageAsync(long after, long last, CancellationToken cancellationToken) =>
        _readers.ReadAsync(after, reader => reader.Page(after, last), cancellationToken);

    private static SqliteEventStore Open(SqliteEventStoreOptions options, ILogger logger)
    {
        SqliteConnection? connection = null;
        WitnessFile? witness = null;
        FileStream? held = null;
        try
        {
            PrivateFile.CreateDirectory(options.Directory);
            held = LogLock.Take(options.LockPath);
            var (seen, damage) = ReadWitness(options.WitnessPath);
            if (seen is { Position: > 0 } && !HasDatabase(options.DatabasePath))
                throw new LogDamagedException(1, $"the database is missing or empty, but the event at position {seen.Position} was acknowledged");

            var started = Stopwatch.GetTimestamp();
            VerifiedLog verified;
            try
            {
                connection = LogDatabase.OpenForWriting(options.DatabasePath);
                var integrity = Task.Run(() => FileIntegrity.Check(options.DatabasePath));
                try
                {
                    verified = LogVerification.Verify(connection, seen);
                }
                finally
                {
                    Task.WaitAny(integrity);
                }

                integrity.GetAwaiter().GetResult();
            }
            catch (SqliteException exception) when (LogDatabase.IsDamage(exception))
            {
                throw new LogDamagedException(1, "the file cannot be read as a SQLite database", exception);
            }

            if (damage is not null || (seen is null && verified.Position > 0 && !options.AcceptMissingWitness))
            {
                throw new LogDamagedException(
                    verified.Position + 1,
                    $"{damage ?? $"the witness file '{options.WitnessPath}' is missing"}, so nothing tells whether acknowledged events after position " +
                    $"{verified.Position} are missing; to accept the log as it is, {(damage is null ? "" : "remove the file and ")}open it once with " +
                    $"{nameof(options.AcceptMissingWitness)} (--accept-missing-witness)");
            }

            // Completes the destruction of a data key that a crash interrupted.
            LogDatabase.ScrubWriteAheadLog(connection, options.WriteAheadLogPath);
            witness = WitnessFile.Open(options.WitnessPath, verified.Position, verified.Chain);
            witness.Write(verified.Position, verified.Chain);
            logger.LogInformation(
                "The event log {Path} was verified: {Position} events in {Seconds:F1} s",
                options.DatabasePath,
                verified.Position,
                Stopwatch.GetElapsedTime(started).TotalSeconds);
            return new SqliteEventStore(options, held, connection, witness, verified, logger);
        }
        catch (Exception exception)
        {
            witness?.Dispose();
            connection?.Dispose();
            held?.Dispose();
            if (exception is SqliteException or IOException or UnauthorizedAccessException)
                throw new EventStoreUnavailableException($"the event log in '{options.Directory}' cannot be opened: {exception.Message}", exception);
            throw;
        }
    }

    private static bool HasDatabase(string path) => File.Exists(path) && new FileInfo(path).Length > 0;

    private static (Witness? Seen, string? Damage) ReadWitness(string path)
    {
        try
        {
            return (WitnessFile.Read(path), null);
        }
        catch (InvalidDataException exception)
        {
            return (null, exception.Message);
        }
    }
}
