using System.Threading.Channels;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>A gateway's session that keeps what it is told.</summary>
internal sealed class RecordingSession : IProxySessionObserver
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly Channel<ProxyView> _views = Channel.CreateUnbounded<ProxyView>();
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Views that came and were not asked for yet.</summary>
    public int Waiting => _views.Reader.Count;

    public Task<ProxyView> NextViewAsync() => _views.Reader.ReadAsync().AsTask().WaitAsync(Limit);

    public Task<string> EndAsync() => _ended.Task.WaitAsync(Limit);

    public Task ViewChanged(ProxyView view) => _views.Writer.WriteAsync(view).AsTask();

    public Task SessionEnded(string reason)
    {
        _ended.TrySetResult(reason);
        return Task.CompletedTask;
    }
}
