using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansMesh.EmbeddedSilo.Calls;

namespace OrleansMesh.EmbeddedSilo.Turns;

/// <summary>
/// One life of a grain: made by the first call, it activates, serves calls, deactivates and closes. There is never a second one of
/// the same grain: calls that come while it deactivates wait here and go over to its successor in their order.
/// </summary>
internal sealed class Activation : Mailbox
{
    private enum Stage
    {
        New,
        Activating,
        Active,
        Deactivating,
        Closed,
    }

    private readonly GrainKey _key;
    private readonly HashSet<GrainTimer> _timers = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stage _stage;
    private DeactivationReason? _reason;
    private long _keptUntil;
    private bool _servesQueueFirst;
    private bool _timersStopped;
    private AsyncServiceScope? _scope;
    private Grain? _grain;

    public Activation(EmbeddedSiloHost silo, GrainKey key)
    {
        Silo = silo;
        _key = key;
        Address = new GrainAddress(silo, key);
    }

    public EmbeddedSiloHost Silo { get; }

    public GrainAddress Address { get; }

    public IServiceProvider Services => _scope!.Value.ServiceProvider;

    /// <summary>Completes when this life has ended and nothing of it runs any more.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Whether its grain may call others although the silo is stopping: it still has calls to finish.</summary>
    public bool FinishesCalls => _stage < Stage.Deactivating;

    protected override bool IsOpen => _stage != Stage.Closed;

    protected override bool Reentrant => _key.Class.Reentrant;

    /// <summary>Has this life end once what runs has ended. The first reason stays.</summary>
    public void Deactivate(DeactivationReason reason)
    {
        lock (Gate)
        {
            // A silo that stops has no successor to leave the queue to; and were calls that wait for activation left to one, a
            // grain that gives up whenever it activates would go round for ever.
            _servesQueueFirst |= reason.ReasonCode == DeactivationReasonCode.ShuttingDown || _stage < Stage.Active;
            _reason ??= reason;
            Wake();
        }
    }

    /// <summary>Deactivates if nothing has used the grain since <paramref name="since"/>, by <see cref="Environment.TickCount64"/>.</summary>
    public void DeactivateIfUnusedSince(long since)
    {
        lock (Gate)
        {
            if (_stage == Stage.Active && IsIdle && LastUsed <= since && Environment.TickCount64 >= _keptUntil)
                Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"Nothing called it for {Silo.Options.CollectionAge}."));
        }
    }

    /// <summary>Is not unused for that long from now; for good, or no longer, as <see cref="Grain.DelayDeactivation"/> says.</summary>
    public void DelayDeactivation(TimeSpan time)
    {
        lock (Gate)
        {
            _keptUntil = time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? long.MaxValue
                : time <= TimeSpan.Zero ? 0
                : Environment.TickCount64 + (long)time.TotalMilliseconds;
        }
    }

    public GrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (OfThisThread != this)
            throw new InvalidOperationException($"A timer of {_key} can only be registered in one of its own turns.");
        var timer = new GrainTimer(this, callback, options, Silo.Time, Silo.Logger);
        lock (Gate) _timers.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (Gate) _timers.Remove(timer);
    }

    public override string ToString() => _key.ToString();

    protected override WorkItem? NextItem()
    {
        switch (_stage)
        {
            case Stage.New:
                _stage = Stage.Activating;
                return new LifeStep(ActivateAsync);
            case Stage.Active:
                return _reason is { } reason ? NextBeforeDeactivation(reason) : base.NextItem();
            default:
                return null;
        }
    }

    private WorkItem? NextBeforeDeactivation(DeactivationReason reason)
    {
        if (!_timersStopped)
        {
            _timersStopped = true;
            return new LifeStep(StopTimers);
        }

        if (_servesQueueFirst && base.NextItem() is { } item) return item;

        // When nothing runs, whatever waited could have started: nothing that has to be served is left.
        if (IsRunning) return null;
        _stage = Stage.Deactivating;
        return new LifeStep(() => DeactivateAsync(reason));
    }

    protected override object TargetOf(WorkItem item) => item is LifeStep ? this : _grain!;

    private async Task ActivateAsync()
    {
        try
        {
            _scope = Silo.Services.CreateAsyncScope();
            _grain = _key.Class.Make(Services);
            using var limit = new CancellationTokenSource(Silo.Options.ActivationTimeout);
            await Within(_grain.OnActivateAsync(limit.Token), nameof(Grain.OnActivateAsync), Silo.Options.ActivationTimeout, limit.Token);
            Silo.Metrics.Activated();
            lock (Gate)
            {
                _stage = Stage.Active;
                Wake();
            }
        }
        catch (Exception exception)
        {
            Silo.Logger.LogError(exception, "Grain {Grain} could not be activated", _key);
            await StopTimers();
            await DisposeGrainAsync();
            Queue<WorkItem> waiting;
            lock (Gate)
            {
                _stage = Stage.Closed;
                Silo.Replace(_key, this, null);
                waiting = TakeWaiting();
            }

            foreach (var item in waiting) item.Refuse(exception);
            _closed.SetResult();
        }
    }

    private async Task DeactivateAsync(DeactivationReason reason)
    {
        await StopTimers();
        try
        {
            using var limit = new CancellationTokenSource(Silo.Options.DeactivationTimeout);
            await Within(_grain!.OnDeactivateAsync(reason, limit.Token), nameof(Grain.OnDeactivateAsync), Silo.Options.DeactivationTimeout, limit.Token);
        }
        catch (Exception exception)
        {
            Silo.Logger.LogError(exception, "Grain {Grain} failed to deactivate cleanly", _key);
        }

        await DisposeGrainAsync();
        Silo.Metrics.Deactivated();
        lock (Gate)
        {
            _stage = Stage.Closed;
            var waiting = new Queue<WorkItem>(TakeWaiting().Where(item => item.Forwardable && !item.IsAbandoned));
            if (waiting.Count == 0)
            {
                Silo.Replace(_key, this, null);
            }
            else
            {
                var successor = new Activation(Silo, _key);
                lock (successor.Gate)
                {
                    Silo.Replace(_key, this, successor);
                    successor.BeginWith(waiting);
                }
            }
        }

        _closed.SetResult();
    }

    private async Task Within(Task task, string what, TimeSpan time, CancellationToken limit)
    {
        try
        {
            await task.WaitAsync(limit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"{what} of {_key} did not end within {time}.");
        }
    }

    // Before deactivation waits for what runs, since that may be a callback which waits for its timer to end.
    private Task StopTimers()
    {
        GrainTimer[] timers;
        lock (Gate) timers = [.. _timers];
        foreach (var timer in timers) timer.Dispose();
        return Task.CompletedTask;
    }

    private async Task DisposeGrainAsync()
    {
        try
        {
            if (_grain is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else (_grain as IDisposable)?.Dispose();
            if (_scope is { } scope) await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            Silo.Logger.LogError(exception, "What grain {Grain} held could not be disposed of", _key);
        }

        // References keep the activation that they called last; they need not keep its state.
        _grain = null;
    }

    /// <summary>Activating or deactivating; both see to their own failures.</summary>
    private sealed class LifeStep(Func<Task> step) : WorkItem
    {
        public override Task Run(object target) => step();

        public override void Complete(Task outcome)
        {
        }

        public override void Refuse(Exception reason)
        {
        }
    }
}
