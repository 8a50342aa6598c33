using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansMesh.EmbeddedSilo.Turns;

/// <summary>A timer of one activation. Each tick is an item in its mailbox; the next one is set when it has ended.</summary>
internal sealed class GrainTimer : WorkItem, IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _disposal = new();
    private readonly Lock _gate = new();
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _ticking;
    private bool _changed;
    private bool _disposed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options, TimeProvider time, ILogger logger)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        _logger = logger;

        // Its ticks belong to the grain, not to the call that registered it.
        using var _ = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static self => ((GrainTimer)self!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override bool AlwaysInterleave => _options.Interleave;

    public override bool KeepsAlive => _options.KeepAlive;

    public override bool Forwardable => false;

    public override bool IsAbandoned => _disposed;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowUnlessTimerTime(dueTime, nameof(dueTime));
        ThrowUnlessTimerTime(period, nameof(period));
        lock (_gate)
        {
            if (_disposed) return;
            _dueTime = dueTime;
            _period = period;
            _changed = true;
            if (!_ticking) _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public override Task Run(object target) => _callback(_disposal.Token);

    public override void Complete(Task outcome)
    {
        if (outcome.Exception?.InnerException is { } exception)
            _logger.LogError(exception, "A timer of grain {Grain} failed; it goes on", _activation);
        lock (_gate)
        {
            _ticking = false;
            if (!_disposed) _timer.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
        }
    }

    public override void Refuse(Exception reason)
    {
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }

        _timer.Dispose();
        _activation.Forget(this);
        try
        {
            _disposal.Cancel();
        }
        catch (AggregateException exception)
        {
            _logger.LogError(exception, "A callback of a timer of grain {Grain} failed on its cancellation", _activation);
        }
    }

    private static void ThrowUnlessTimerTime(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time.TotalMilliseconds > uint.MaxValue - 1))
            throw new ArgumentOutOfRangeException(name, time, "Expected a time from zero to 49 days, or Timeout.InfiniteTimeSpan.");
    }

    private void Due()
    {
        lock (_gate)
        {
            if (_disposed || _ticking) return;
            _ticking = true;
            _changed = false;
        }

        _activation.TryPost(this);
    }
}
