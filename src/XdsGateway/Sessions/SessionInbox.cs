using System.Threading.Channels;
using Google.Protobuf;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Endpoints;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// What has happened since the session last looked. Of a view, and of the endpoints of a service, only the newest is kept, so that a proxy that reads
/// slowly costs bounded memory and delays nobody who hands something in. What comes after the session's end is taken and never looked at.
/// </summary>
internal sealed class SessionInbox : IProxySessionObserver, IEndpointWatcher
{
    /// <summary>Requests that a proxy may have sent before it must wait for the session to look at them.</summary>
    public const int MaxRequests = 16;

    private readonly Lock _gate = new();
    private readonly Channel<IMessage> _requests = Channel.CreateBounded<IMessage>(MaxRequests);
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private SessionNews _pending = new();

    public Task ViewChanged(ProxyView view)
    {
        Add(news => news.View = view);
        return Task.CompletedTask;
    }

    public Task SessionEnded(string reason)
    {
        Add(news => news.Ended ??= reason);
        return Task.CompletedTask;
    }

    public void EndpointsAre(EndpointSelection selection, EncodedResource endpoints) => Add(news => news.Endpoints[selection] = endpoints);

    /// <summary>Waits while the session has not looked at the requests before.</summary>
    public async ValueTask RequestedAsync(IMessage request, CancellationToken cancellationToken)
    {
        await _requests.Writer.WriteAsync(request, cancellationToken);
        Signal();
    }

    /// <summary>The proxy will send no more: it has gone, or what it sent was no message.</summary>
    public void RequestsEnded(Exception? failure) => Add(news => (news.RequestsEnded, news.RequestFailure) = (true, failure));

    public void CertificateIs(SignedIdentity identity) => Add(news => news.Certificate = identity);

    public void RenewalIsDue() => Add(news => news.RenewalDue = true);

    public void ReconnectIsOver() => Add(news => news.ReconnectOver = true);

    /// <summary>Waits until there is news, and takes all of it.</summary>
    public async ValueTask<SessionNews> TakeAsync(CancellationToken cancellationToken)
    {
        await _signal.Reader.ReadAsync(cancellationToken);
        SessionNews news;
        lock (_gate)
        {
            news = _pending;
            _pending = new SessionNews();
        }

        // No more than have room: a proxy that sends all the time does not keep the session from answering.
        while (news.Requests.Count < MaxRequests && _requests.Reader.TryRead(out var request))
            news.Requests.Enqueue(request);
        if (_requests.Reader.Count > 0)
            Signal();
        return news;
    }

    private void Add(Action<SessionNews> what)
    {
        lock (_gate)
            what(_pending);
        Signal();
    }

    private void Signal() => _signal.Writer.TryWrite(true);
}
