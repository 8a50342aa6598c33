namespace OrleansMesh.Silo.Hosting;

/// <summary>Whether the server does its work: the log is replayed, the listeners are up, and it is not stopping.</summary>
public sealed class Readiness
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _waitingFor = "the start";

    /// <summary>What is still missing, for people; null when the server is ready.</summary>
    public string? WaitingFor => _waitingFor;

    public bool IsReady => _waitingFor is null;

    /// <summary>Completes when the server is ready for the first time.</summary>
    public Task WhenReady => _ready.Task;

    public void WaitFor(string what) => _waitingFor = what;

    public void Ready()
    {
        _waitingFor = null;
        _ready.TrySetResult();
    }
}
