using Google.Protobuf;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Endpoints;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// What has happened since the session last looked. Of a view, and of the endpoints of a service, only the newest is kept, so that a proxy that reads
/// slowly costs bounded memory and delays nobody who hands something in.
/// </summary>
internal sealed class SessionInbox : IProxySessionObserver, IEndpointWatcher, IDisposable
{
    private readonly Lock _gate = new();
    /// <summary>Requests that a proxy may have sent before it must wait for the session to look at them.</summary>
    private const int MaxRequests = 64;

    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly SemaphoreSlim _room = new(MaxRequests, MaxRequests);
    private SessionNews _pending = new();
    private bool _signalled;

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
        await _room.WaitAsync(cancellationToken);
        Add(news => news.Requests.Enqueue(request));
    }

    /// <summary>The proxy will send no more: it has gone, or what it sent was no message.</summary>
    public void RequestsEnded(Exception? failure) => Add(news => (news.RequestsEnded, news.RequestFailure) = (true, failure));

    public void CertificateIs(SignedIdentity identity) => Add(news => news.Certificate = identity);

    public void RenewalIsDue() => Add(news => news.RenewalDue = true);

    /// <summary>Waits until there is news, and takes all of it.</summary>
    public async ValueTask<SessionNews> TakeAsync(CancellationToken cancellationToken)
    {
        await _news.WaitAsync(cancellationToken);
        lock (_gate)
        {
            var news = _pending;
            _pending = new SessionNews();
            _signalled = false;
            if (news.Requests.Count > 0)
                _room.Release(news.Requests.Count);
            return news;
        }
    }

    public void Dispose()
    {
        _news.Dispose();
        _room.Dispose();
    }

    private void Add(Action<SessionNews> what)
    {
        lock (_gate)
        {
            what(_pending);
            if (_signalled)
                return;
            _signalled = true;
            _news.Release();
        }
    }
}

/// <summary>What has happened since the session last looked.</summary>
internal sealed class SessionNews
{
    public Queue<IMessage> Requests { get; } = new();

    public Dictionary<EndpointSelection, EncodedResource> Endpoints { get; } = [];

    public ProxyView? View { get; set; }

    public SignedIdentity? Certificate { get; set; }

    public bool RenewalDue { get; set; }

    public string? Ended { get; set; }

    public bool RequestsEnded { get; set; }

    public Exception? RequestFailure { get; set; }
}
