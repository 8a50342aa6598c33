namespace OrleansMesh.Silo.Hosting;

/// <summary>Whether the server does its work: the log is replayed, the listeners are up, and it is not stopping.</summary>
public sealed class Readiness
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private volatile string? _waitingFor = "the start";
    private bool _stopped;

    /// <summary>What is still missing, for people; null when the server is ready.</summary>
    public string? WaitingFor => _waitingFor;

    public bool IsReady => _waitingFor is null;

    /// <summary>Completes when the server is ready for the first time.</summary>
    public Task WhenReady => _ready.Task;

    public void WaitFor(string what) => Set(what);

    public void Ready()
    {
        Set(null);
        _ready.TrySetResult();
    }

    /// <summary>The server stops and is not ready any more, whatever is said later.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            _waitingFor = "its end";
        }
    }

    private void Set(string? waitingFor)
    {
        lock (_lock)
        {
            if (!_stopped)
                _waitingFor = waitingFor;
        }
    }
}
