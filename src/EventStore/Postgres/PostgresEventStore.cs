using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansMesh.EventStore.Writing;
using static OrleansMesh.EventStore.Postgres.Queries;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>The log in a PostgreSQL database, for any number of servers. See <c>docs/adr/0009-postgresql-store.md</c>.</summary>
/// <remarks>A cancelled append appended nothing: once the writer has begun with it, cancellation is too late and the append is answered.</remarks>
public sealed class PostgresEventStore : IEventStore
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    private readonly PostgresConnections _connections;
    private readonly LogEnd _end;
    private readonly PostgresListener _listener;
    private readonly PostgresWriter _writer;
    private readonly EventStoreMetrics _metrics;
    private readonly ILogger _logger;
    private int _disposed;

    private PostgresEventStore(PostgresConnections connections, LogProof proof, long position, EventVocabulary? vocabulary, ILogger logger)
    {
        _connections = connections;
        _logger = logger;
        _end = new LogEnd(position);
        _metrics = new EventStoreMetrics(() => _end.Position, connections.Availability);
        _listener = new PostgresListener(connections, proof, _end, logger);
        _writer = new PostgresWriter(connections, proof, _end, _listener, _metrics, logger);
        Keys = new PostgresDataKeys(connections);
        Leases = new PostgresLeases(connections, vocabulary, logger);
    }

    public IDataKeyStore Keys { get; }

    public ILeases Leases { get; }

    public StoreAvailability Availability => _connections.Availability;

    /// <summary>Opens the log, makes its tables where there are none, and proves its end. The rest is proved as it is read.</summary>
    /// <param name="passwordFile">See <see cref="OpeningOptions.PasswordFile"/>.</param>
    /// <param name="vocabulary">See <see cref="OpeningOptions.Vocabulary"/>.</param>
    /// <exception cref="LogDamagedException">The end of the log is not as it was written.</exception>
    /// <exception cref="EventStoreUnavailableException">The database cannot be reached, may not be used by this user, is of a later schema version,
    /// or would not make durable what it acknowledges.</exception>
    public static async Task<PostgresEventStore> OpenAsync(
        PostgresAddress address,
        string? passwordFile = null,
        ILogger<PostgresEventStore>? logger = null,
        EventVocabulary? vocabulary = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var connections = new PostgresConnections(address, passwordFile);
        try
        {
            var proof = new LogProof();
            var position = await connections.UseAsync(
                async (connection, cancelled) =>
                {
                    await PostgresSchema.PrepareAsync(connection, connections.Name, cancelled).ConfigureAwait(false);
                    return await proof.ProveAsync(connection, cancelled).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            return new PostgresEventStore(connections, proof, position, vocabulary, logger ?? NullLogger<PostgresEventStore>.Instance);
        }
        catch
        {
            await connections.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<AppendResult> AppendAsync(IReadOnlyList<StreamAppend> appends, CancellationToken cancellationToken = default)
    {
        var size = AppendValidation.Check(appends);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var result = await _writer.AppendAsync(new PendingAppend(appends, size), cancellationToken).ConfigureAwait(false);
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
        var last = long.MaxValue;
        for (var version = afterVersion; version < last;)
        {
            var after = version;
            var page = await _connections.UseAsync(
                (connection, cancelled) => PostgresReader.StreamPageAsync(connection, stream, after, cancelled), cancellationToken).ConfigureAwait(false);
            foreach (var found in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return found;
            }

            if (page.Events is not [.., var newest])
                yield break;
            // The stream's version as it was at first: a stream that grows as fast as it is read would have no end.
            last = Math.Min(last, page.Version);
            version = newest.Version;
        }
    }

    public async IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        long afterPosition = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterPosition);
        var end = await HeadAsync(cancellationToken).ConfigureAwait(false);
        byte[]? chain = null;
        for (var position = afterPosition; position < end;)
        {
            var page = await ReadPageAsync(position, chain, end, cancellationToken).ConfigureAwait(false);
            foreach (var found in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return found;
            }

            position = page.Events[^1].Position;
            chain = page.Chain;
        }
    }

    /// <remarks>While the database is away nothing is shown; when it is back, what was missed.</remarks>
    public async IAsyncEnumerable<RecordedEvent> FollowAsync(
        long afterPosition = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterPosition);
        var position = afterPosition;
        byte[]? chain = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var advanced = _end.Advanced;
            var end = _end.Position;
            if (_end.IsClosed)
                yield break;
            if (_end.Failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            if (position >= end)
            {
                await advanced.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            EventPage? page = null;
            try
            {
                page = await ReadPageAsync(position, chain, end, cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (_end.IsClosed)
            {
                yield break;
            }
            catch (EventStoreUnavailableException unavailable)
            {
                _logger.LogDebug(unavailable, "The log cannot be followed after position {Position} now", position);
            }

            if (page is null)
            {
                await Task.Delay(Retry, cancellationToken).ConfigureAwait(false);
                continue;
            }

            foreach (var found in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return found;
            }

            position = page.Events[^1].Position;
            chain = page.Chain;
        }
    }

    public async ValueTask<long> HeadAsync(CancellationToken cancellationToken = default) =>
        (await _connections.UseAsync(
            static (connection, cancelled) => connection.QueryAsync("SELECT position FROM head", static row => row.GetInt64(0), cancelled),
            cancellationToken).ConfigureAwait(false))[0];

    public async IAsyncEnumerable<StreamInfo> ListStreamsAsync(
        string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        // A name that holds it was never written, and PostgreSQL takes no text that does.
        if (prefix.Contains('\0', StringComparison.Ordinal))
            yield break;
        for (var after = ""; ;)
        {
            var last = after;
            var page = await _connections.UseAsync(
                (connection, cancelled) => PostgresReader.StreamsAsync(connection, prefix, last, cancelled), cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
                yield break;
            foreach (var stream in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return stream;
            }

            after = page[^1].Name;
        }
    }

    public async Task SaveSnapshotAsync(StreamSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckSnapshot(snapshot);
        var version = await _connections.UseAsync(
            async (connection, cancelled) =>
            {
                var versions = await connection.QueryAsync(
                    "SELECT coalesce(max(version), 0) FROM events WHERE stream = $1", static row => row.GetInt64(0), cancelled, Value(snapshot.Stream))
                    .ConfigureAwait(false);
                if (snapshot.Version <= versions[0])
                {
                    await connection.ExecuteAsync(
                        """
                        INSERT INTO snapshots AS kept (stream, schema, version, data, checksum) VALUES ($1, $2, $3, $4, $5)
                        ON CONFLICT (stream, schema) DO UPDATE SET version = excluded.version, data = excluded.data, checksum = excluded.checksum
                        WHERE excluded.version >= kept.version
                        """,
                        cancelled,
                        Value(snapshot.Stream),
                        Value(snapshot.Schema),
                        Value(snapshot.Version),
                        Value(snapshot.Data),
                        Value(SnapshotChecksum.Of(snapshot))).ConfigureAwait(false);
                }

                return versions[0];
            },
            cancellationToken).ConfigureAwait(false);
        if (snapshot.Version > version)
            throw AppendValidation.SnapshotBeyond(snapshot, version);
    }

    public async Task<StreamSnapshot?> ReadSnapshotAsync(string stream, int schema, CancellationToken cancellationToken = default)
    {
        AppendValidation.CheckStreamName(stream, nameof(stream));
        var found = await _connections.UseAsync(
            (connection, cancelled) => connection.QueryAsync(
                "SELECT version, data, checksum, (SELECT max(version) FROM events WHERE stream = $1) FROM snapshots WHERE stream = $1 AND schema = $2",
                row => (
                    Snapshot: new StreamSnapshot(stream, row.GetInt64(0), schema, row.GetFieldValue<byte[]>(1)),
                    Checksum: row.GetFieldValue<byte[]>(2),
                    Version: row.IsDBNull(3) ? 0 : row.GetInt64(3)),
                cancelled,
                Value(stream),
                Value(schema)),
            cancellationToken).ConfigureAwait(false);
        if (found is not [var kept])
            return null;
        if (kept.Snapshot.Version <= kept.Version && kept.Checksum.AsSpan().SequenceEqual(SnapshotChecksum.Of(kept.Snapshot)))
            return kept.Snapshot;
        _logger.LogWarning("The snapshot of stream {Stream}, schema {Schema}, is damaged and is not used; its events are read instead", stream, schema);
        return null;
    }

    /// <summary>Commits and answers what waits, ends followers, and closes every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        _end.Close();
        await _connections.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    /// <summary>Reads what is kept beside the events.</summary>
    internal Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        _connections.UseAsync(read, cancellationToken);

    private Task<EventPage> ReadPageAsync(long after, byte[]? chain, long last, CancellationToken cancellationToken) =>
        _connections.UseAsync((connection, cancelled) => PostgresReader.PageAsync(connection, after, chain, last, cancelled), cancellationToken);
}
