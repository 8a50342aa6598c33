namespace OrleansMesh.EmbeddedSilo.Turns;

/// <summary>
/// Runs what is sent to one object, one turn at a time. It is the task scheduler of those turns, so whatever the object's code
/// awaits goes on in a later turn. An item starts when nothing runs or when it may interleave with all that does.
/// </summary>
internal abstract class Mailbox : TaskScheduler, IThreadPoolWorkItem
{
    // After so many turns the thread goes to whatever else waits for one.
    private const int TurnsPerSlice = 64;

    [ThreadStatic]
    private static Mailbox? _current;

    private readonly Queue<Task> _continuations = new();
    private readonly Queue<WorkItem> _interleaving = new();
    private readonly List<WorkItem> _running = [];
    private readonly Queue<WorkItem> _waiting = new();
    private bool _scheduled;
    private long _lastUsed = Environment.TickCount64;

    /// <summary>The mailbox whose turn this thread runs.</summary>
    public static Mailbox? OfThisThread => _current;

    public bool HasNothingToDo
    {
        get
        {
            lock (Gate) return IsIdle;
        }
    }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Held for moments only; guards this mailbox's queues and its owner's state.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Under the gate: whether items are still accepted.</summary>
    protected abstract bool IsOpen { get; }

    protected virtual bool Reentrant => false;

    protected bool IsRunning => _running.Count > 0;

    protected bool IsIdle => _running.Count == 0 && _waiting.Count == 0 && _interleaving.Count == 0;

    protected long LastUsed => _lastUsed;

    /// <summary>Takes the item, or says that this mailbox has closed for good.</summary>
    public bool TryPost(WorkItem item)
    {
        lock (Gate)
        {
            if (!IsOpen) return false;
            (item.AlwaysInterleave ? _interleaving : _waiting).Enqueue(item);
            Wake();
            return true;
        }
    }

    /// <summary>Gives up on calls that have waited too long. One that runs keeps running, but nobody waits for it.</summary>
    public void ExpireCallsSentBefore(long time, TimeSpan limit)
    {
        lock (Gate)
        {
            foreach (var item in _running) item.ExpireIfSentBefore(time, limit);
            foreach (var item in _interleaving) item.ExpireIfSentBefore(time, limit);
            foreach (var item in _waiting) item.ExpireIfSentBefore(time, limit);
            while (_waiting.TryPeek(out var head) && head.IsAbandoned) _waiting.Dequeue();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var outer = _current;
        _current = this;
        try
        {
            // A task, since only inside one that this scheduler runs is it what awaits capture.
            new Task(static self => ((Mailbox)self!).RunTurns(), this, CancellationToken.None, TaskCreationOptions.DenyChildAttach).RunSynchronously(this);
        }
        finally
        {
            _current = outer;
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (Gate)
        {
            _continuations.Enqueue(task);
            Wake();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && _current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (Gate) return [.. _continuations];
    }

    /// <summary>Under the gate: the item to start now, if there is one.</summary>
    protected virtual WorkItem? NextItem()
    {
        while (_interleaving.TryDequeue(out var interleaving))
        {
            if (!interleaving.IsAbandoned) return interleaving;
        }

        while (_waiting.TryPeek(out var head))
        {
            if (!head.IsAbandoned && !MayStart(head)) return null;
            _waiting.Dequeue();
            if (!head.IsAbandoned) return head;
        }

        return null;
    }

    /// <summary>The object that items run on; an exception fails the item.</summary>
    protected abstract object TargetOf(WorkItem item);

    /// <summary>Under the gate: takes all items that wait, those that may interleave first.</summary>
    protected Queue<WorkItem> TakeWaiting()
    {
        var all = new Queue<WorkItem>(_interleaving.Concat(_waiting));
        _interleaving.Clear();
        _waiting.Clear();
        return all;
    }

    /// <summary>Under the gate, before any other use: begins with these items waiting.</summary>
    protected void BeginWith(Queue<WorkItem> items)
    {
        foreach (var item in items.Where(item => item.AlwaysInterleave)) _interleaving.Enqueue(item);
        foreach (var item in items.Where(item => !item.AlwaysInterleave)) _waiting.Enqueue(item);
        Wake();
    }

    /// <summary>Under the gate: has a thread look for work.</summary>
    protected void Wake()
    {
        if (_scheduled) return;
        _scheduled = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    private bool MayStart(WorkItem item) =>
        _running.Count == 0 || Reentrant || _running.TrueForAll(running => running.AlwaysInterleave || (item.ReadOnly && running.ReadOnly));

    private void RunTurns()
    {
        for (var turn = 0; turn < TurnsPerSlice; turn++)
        {
            Task? continuation;
            WorkItem? item = null;
            lock (Gate)
            {
                if (!_continuations.TryDequeue(out continuation) && (item = NextItem()) is null)
                {
                    _scheduled = false;
                    return;
                }

                if (item is not null) _running.Add(item);
            }

            if (item is null) TryExecuteTask(continuation!);
            else Start(item);
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Start(WorkItem item)
    {
        item.Owner = this;
        Task outcome;
        try
        {
            outcome = item.Run(TargetOf(item));
        }
        catch (Exception exception)
        {
            outcome = Task.FromException(exception);
        }

        if (outcome.IsCompleted)
        {
            End(item, outcome);
            return;
        }

        outcome.ContinueWith(
            static (outcome, state) =>
            {
                var item = (WorkItem)state!;
                item.Owner!.End(item, outcome);
            },
            item,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.DenyChildAttach,
            Default);
    }

    private void End(WorkItem item, Task outcome)
    {
        // First, so that whoever learns the outcome finds the state that it left.
        item.Complete(outcome);
        lock (Gate)
        {
            _running.Remove(item);
            if (item.KeepsAlive) _lastUsed = Environment.TickCount64;
            Wake();
        }
    }
}
