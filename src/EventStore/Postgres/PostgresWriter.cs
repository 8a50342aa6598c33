using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Postgres;

/// <summary>
/// This server's one writer: commits all waiting appends together. The row of <c>head</c> is locked from the first statement of a transaction until
/// it is committed and visible, so positions are given in the order in which they appear, whichever server gives them.
/// </summary>
/// <remarks>
/// Two exchanges with the database for a batch: the end of the log and of the streams in question, then everything else and the commit. Where the second breaks
/// off nobody knows what came of it; the callers are told so, and the next batch begins with the end of the log as it then is.
/// </remarks>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private const int QueueCapacity = 4096;
    private const int BytesPerSecond = 4 * 1024 * 1024;

    private readonly PostgresConnections _connections;
    private readonly LogProof _proof;
    private readonly LogEnd _end;
    private readonly PostgresListener _listener;
    private readonly EventStoreMetrics _metrics;
    private readonly ILogger _logger;
    private readonly EventChain _hash = new();
    private readonly WriteQueue _queue = new(QueueCapacity, typeof(PostgresEventStore).FullName!);
    private readonly Task _running;
    private NpgsqlConnection? _connection;

    public PostgresWriter(
        PostgresConnections connections, LogProof proof, LogEnd end, PostgresListener listener, EventStoreMetrics metrics, ILogger logger)
    {
        _connections = connections;
        _proof = proof;
        _end = end;
        _listener = listener;
        _metrics = metrics;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>See <see cref="WriteQueue.WriteAsync"/>.</summary>
    public Task<AppendResult> AppendAsync(PendingAppend append, CancellationToken cancellationToken) => _queue.WriteAsync(append, cancellationToken);

    /// <summary>Commits what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var batch = new List<PendingWrite>();
        while (await _queue.WaitAsync().ConfigureAwait(false))
        {
            _queue.TakeBatch(batch);
            if (batch.Count > 0)
                await ProcessAsync(batch).ConfigureAwait(false);
        }

        await DropConnectionAsync().ConfigureAwait(false);
    }

    private async Task ProcessAsync(List<PendingWrite> batch)
    {
        try
        {
            _connections.ThrowIfAway();
            await CommitAsync(await StageAsync(batch).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever it was, the writer must live on, and nobody may be told that his append is durable.
            await DropConnectionAsync().ConfigureAwait(false);
            var unavailable = exception as EventStoreUnavailableException ?? _connections.Unavailable(exception);
            _logger.LogWarning("{Count} waiting appends were refused: {Reason}", batch.Count, unavailable.Message);
            if (exception is LogDamagedException)
                _end.Fail(exception);
            _listener.CheckNow();
            foreach (var append in batch)
                append.Fail(unavailable);
            return;
        }

        foreach (var append in batch)
            append.Acknowledge();
    }

    private async Task CommitAsync(PostgresDraft draft)
    {
        if (draft.IsEmpty)
        {
            await _connection!.ExecuteAsync("ROLLBACK", CancellationToken.None).ConfigureAwait(false);
            return;
        }

        using var commit = _connection!.CreateBatch();
        draft.AddTo(commit);
        // What is large may take longer, and is no sign of trouble.
        commit.Timeout = PostgresConnections.Patience + (int)(draft.Size / BytesPerSecond);
        await commit.ExecuteNonQueryAsync().ConfigureAwait(false);
        _metrics.Commit();
        _proof.Remember(draft.Position, draft.Chain);
        _end.AdvanceTo(draft.Position);
    }

    /// <summary>Locks the end of the log and adds to it what can be added.</summary>
    private async Task<PostgresDraft> StageAsync(List<PendingWrite> batch)
    {
        var appends = batch.SelectMany(static write => ((PendingAppend)write).Appends).ToList();
        var end = await LockEndAsync(
            [.. appends.Select(static append => append.Stream).Distinct(StringComparer.Ordinal)],
            [.. appends.SelectMany(static append => append.Events).Select(static added => added.Type).Distinct(StringComparer.Ordinal)]).ConfigureAwait(false);
        var draft = new PostgresDraft(_hash, end);
        foreach (var write in batch)
            ((PendingAppend)write).Stage(draft);
        return draft;
    }

    private async Task<LockedEnd> LockEndAsync(string[] streams, string[] eventTypes)
    {
        var isOld = _connection is not null;
        try
        {
            await ConnectAsync().ConfigureAwait(false);
            return await LockedEnd.TakeAsync(_connection!, streams, eventTypes).ConfigureAwait(false);
        }
        catch (Exception exception) when (isOld && PostgresConnections.IsAway(exception, CancellationToken.None))
        {
            // It broke while nothing was to be written, as when the database was restarted; nothing was written yet.
            await DropConnectionAsync().ConfigureAwait(false);
            await ConnectAsync().ConfigureAwait(false);
            return await LockedEnd.TakeAsync(_connection!, streams, eventTypes).ConfigureAwait(false);
        }
    }

    private async Task ConnectAsync()
    {
        if (_connection is not null)
            return;
        _connection = await _connections.OpenOwnAsync(CancellationToken.None).ConfigureAwait(false);
        await _proof.ProveAsync(_connection, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is null)
            return;
        await _connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }
}
