namespace OrleansMesh.EmbeddedSilo.Tests;

/// <summary>A gate that grains wait at and that a test opens.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task.WaitAsync(TestSilo.Patience);

    public void Open() => _opened.TrySetResult();

    public Task Pass()
    {
        _reached.TrySetResult();
        return _opened.Task;
    }
}
