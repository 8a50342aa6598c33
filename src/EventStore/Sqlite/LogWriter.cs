using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrleansMesh.EventStore.Writing;

namespace OrleansMesh.EventStore.Sqlite;

/// <summary>
/// The one writer: a thread that commits all waiting writes together, so that the cost of making them durable is shared.
/// </summary>
/// <remarks>
/// The order that makes an acknowledgement true: commit (SQLite synchronises its log), write the witness, show the events to readers, answer.
/// When any of it fails the waiting ones are told that the store is unavailable, and the next batch first finds out what the log really holds.
/// </remarks>
internal sealed class LogWriter : IAsyncDisposable
{
    private readonly SqliteEventStoreOptions _options;
    private readonly ILogger _logger;
    private readonly EventStoreMetrics _metrics;
    private readonly PublishedLog _published;
    private readonly WitnessFile _witness;
    private readonly EventChain _hash = new();
    private readonly WriteQueue _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteConnection? _connection;
    private WriterStatements? _statements;
    private long _position;
    private byte[] _chain;
    private bool _isSuspect;

    public LogWriter(
        SqliteConnection connection,
        VerifiedLog verified,
        PublishedLog published,
        WitnessFile witness,
        SqliteEventStoreOptions options,
        EventStoreMetrics metrics,
        ILogger logger)
    {
        _connection = connection;
        _statements = new WriterStatements(connection);
        _position = verified.Position;
        _chain = verified.Chain;
        _published = published;
        _witness = witness;
        _options = options;
        _metrics = metrics;
        _logger = logger;
        _queue = new WriteQueue(options.QueueCapacity, typeof(SqliteEventStore).FullName!);
        new Thread(Run) { Name = "event log writer", IsBackground = true }.Start();
    }

    /// <summary>See <see cref="WriteQueue.WriteAsync"/>.</summary>
    public Task<T> WriteAsync<T>(PendingWrite<T> write, CancellationToken cancellationToken) => _queue.WriteAsync(write, cancellationToken);

    /// <summary>Commits what waits, then ends and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _ended.Task.ConfigureAwait(false);
    }

    private void Run()
    {
        var batch = new List<PendingWrite>();
        while (_queue.WaitAsync().AsTask().GetAwaiter().GetResult())
        {
            _queue.TakeBatch(batch);
            if (batch.Count > 0)
                Process(batch);
        }

        End();
        _ended.SetResult();
    }

    /// <summary>Leaves the whole log in the one database file. Where that fails, the write-ahead log stays and nothing is lost.</summary>
    private void End()
    {
        try
        {
            if (!_isSuspect)
                LogDatabase.ScrubWriteAheadLog(_connection!, _options.WriteAheadLogPath);
            Close();
        }
        catch (Exception exception) when (exception is SqliteException or IOException or EventStoreUnavailableException)
        {
            _logger.LogWarning(exception, "The event log was closed with its write-ahead log not emptied");
        }
    }

    private void Process(List<PendingWrite> batch)
    {
        CommitDraft draft;
        try
        {
            if (_isSuspect)
                Recover();
            draft = Commit(batch);
        }
        catch (Exception exception)
        {
            // Whatever it was, the thread must live on, and nobody may be told that his write is durable.
            _isSuspect = true;
            _logger.LogError(exception, "The event log could not be written; {Count} waiting writes were refused", batch.Count);
            var unavailable = new EventStoreUnavailableException($"the event log cannot be written now: {exception.Message}", exception);
            foreach (var write in batch)
                write.Fail(unavailable);
            return;
        }

        foreach (var write in batch)
        {
            if (write is not PendingSqliteWrite { AwaitsScrub: true })
                write.Acknowledge();
        }

        if (draft.OverwritesKeys)
            Scrub(batch);
    }

    private CommitDraft Commit(List<PendingWrite> batch)
    {
        var draft = new CommitDraft(_statements!, _hash, _published.Head, _position, _chain);
        _statements!.Begin.Run();
        foreach (var write in batch)
        {
            if (write is PendingAppend append)
                append.Stage(draft);
            else
                ((PendingSqliteWrite)write).Stage(draft);
        }

        _statements.Commit.Run();
        if (draft.IsDirty)
            _metrics.Commit();
        if (draft.Position > _position)
            Publish(draft.Position, draft.Chain, draft.Changed);
        return draft;
    }

    private void Publish(long position, ReadOnlySpan<byte> chain, IEnumerable<KeyValuePair<string, StreamHead>> changed)
    {
        _witness.Write(position, chain);
        _position = position;
        _chain = chain.ToArray();
        _published.Publish(position, changed);
    }

    /// <summary>
    /// After a failure nobody knows whether the last commit is in the log. Opens it anew and reads what follows the last published event:
    /// what is there is durable and is shown to readers; what is not never was.
    /// </summary>
    private void Recover()
    {
        Close();
        _connection = LogDatabase.OpenForWriting(_options.DatabasePath);
        _statements = new WriterStatements(_connection);
        using (var last = new Statement(_connection, "SELECT chain FROM events WHERE position = ?1"))
        {
            if (_position > 0 && !(last.Bind(1, _position).Step() && last.Bytes(0).SequenceEqual(_chain)))
                throw new LogDamagedException(_position, "the last acknowledged event is not in the log any more");
        }

        // A read proves nothing about the disk: only a checkpoint, which synchronises both files, makes what was found durable.
        LogDatabase.ScrubWriteAheadLog(_connection, _options.WriteAheadLogPath);
        var tail = new Dictionary<string, StreamHead>(StringComparer.Ordinal);
        foreach (var info in _published.StreamsWithPrefix(""))
            tail[info.Name] = new StreamHead(info.Version, info.LastPosition);
        var found = LogVerification.Continue(_connection, new VerifiedLog(tail, _position, _chain), witness: null);
        if (found.Position > _position)
            Publish(found.Position, found.Chain, found.Streams);
        _isSuspect = false;
        _logger.LogInformation("The event log can be written again; it ends at position {Position}", _position);
    }

    private void Scrub(List<PendingWrite> batch)
    {
        Exception? failure = null;
        try
        {
            LogDatabase.ScrubWriteAheadLog(_connection!, _options.WriteAheadLogPath);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or EventStoreUnavailableException)
        {
            _logger.LogError(exception, "A destroyed data key could not be overwritten in the write-ahead log yet");
            failure = new EventStoreUnavailableException("the data key could not be overwritten on disk yet; destroy it again", exception);
        }

        foreach (var write in batch)
        {
            if (write is not PendingSqliteWrite { AwaitsScrub: true })
                continue;
            if (failure is null)
                write.Acknowledge();
            else
                write.Fail(failure);
        }
    }

    private void Close()
    {
        _statements?.Dispose();
        _statements = null;
        _connection?.Dispose();
        _connection = null;
    }
}
