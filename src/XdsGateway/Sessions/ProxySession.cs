using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Translation;
using OrleansMesh.Translation.Secrets;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Endpoints;
using OrleansMesh.XdsGateway.Grpc;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// One connected proxy: what the mesh wants of it goes in, what Envoy has to be sent comes out. Everything happens on one loop, so nothing here is locked.
/// </summary>
internal sealed class ProxySession : IDisposable
{
    private readonly GrpcCall _call;
    private readonly AdsSession _ads;
    private readonly ProxyId _proxy;
    private readonly string _session;
    private readonly SessionInbox _inbox;
    private readonly IProxyGrain _grain;
    private readonly EndpointCatalog _endpoints;
    private readonly ResourceInterner _interner;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IdentityIssuer _issuer;

    private readonly HashSet<string> _rejectedTypes = new(StringComparer.Ordinal);
    private Dictionary<string, EndpointSelection> _watched = [];
    private ProxyView _view;
    private ProxySnapshot? _snapshot;
    private CertificateRecord? _certificate;
    private bool _listening;

    public ProxySession(
        GrpcCall call, AdsVariant variant, ProxyId proxy, string session, ProxyView view, CertificateRecord? certificate, SessionInbox inbox, SessionServices services)
    {
        _call = call;
        _ads = new AdsSession(variant);
        _proxy = proxy;
        _session = session;
        _view = view;
        _certificate = certificate;
        _inbox = inbox;
        _endpoints = services.Endpoints;
        _interner = services.Interner;
        _metrics = services.Metrics;
        _time = services.Time;
        _logger = services.Logger;
        _grain = services.Grains.GetGrain<IProxyGrain>(proxy.Key);
        _issuer = new IdentityIssuer(_grain, session, inbox, _time, _metrics, _logger);
    }

    /// <summary>Serves the proxy until it leaves, is superseded, or breaks the protocol.</summary>
    public async Task RunAsync()
    {
        Adopt(_view);
        while (true)
        {
            var news = await _inbox.TakeAsync(_call.Cancelled);
            if (news.Ended is { } reason)
            {
                _logger.LogInformation("Session {Session} of proxy {Proxy} ends: {Reason}", _session, _proxy, reason);
                throw new GrpcException(GrpcStatusCode.Unavailable, "connect again");
            }

            while (news.Requests.TryDequeue(out var request))
                Receive(request);
            if (news.View is { } view)
                Adopt(view);
            if (news.Endpoints.Count > 0)
                Adopt(news.Endpoints);
            if (news.Certificate is { } identity)
                Adopt(identity);
            if (news.RenewalDue && _view.Identity is { } renewed)
                _issuer.Issue(renewed);
            await SendAsync();

            if (news.RequestFailure is { } failure)
                throw failure;
            if (news.RequestsEnded)
                return;
        }
    }

    public void Dispose()
    {
        foreach (var selection in _watched.Values)
            _endpoints.Unwatch(_proxy.Mesh, selection, _inbox);
        _issuer.Dispose();
    }

    private void Receive(IMessage request)
    {
        var events = request switch
        {
            DeltaDiscoveryRequest delta => _ads.Receive(delta),
            DiscoveryRequest whole => _ads.Receive(whole),
            _ => throw new ArgumentException($"{request.Descriptor.FullName} is not a discovery request", nameof(request)),
        };
        foreach (var happened in events)
        {
            switch (happened)
            {
                case AdsEvent.ProtocolError error:
                    _logger.LogWarning("Proxy {Proxy} broke the xDS protocol: {Error}", _proxy, error.Message);
                    throw new GrpcException(GrpcStatusCode.InvalidArgument, error.Message);
                case AdsEvent.Acknowledged ack:
                    Acknowledged(ack.Type);
                    break;
                case AdsEvent.Rejected rejected:
                    Rejected(rejected);
                    break;
            }
        }
    }

    private void Acknowledged(string type)
    {
        _metrics.Acks.Add(1, Tag(type));
        if (type == XdsType.Listener && !_listening)
        {
            _listening = true;
            Report(_grain.ReportListening(_session), "that it listens");
        }

        if (_rejectedTypes.Remove(type))
            Report(_grain.ReportAccepted(_session, type), "an acceptance");
    }

    private void Rejected(AdsEvent.Rejected rejected)
    {
        _metrics.Nacks.Add(1, Tag(rejected.Type));
        _logger.LogError("Proxy {Proxy} refused {Resources} of {Type}: {Message}", _proxy, string.Join(", ", rejected.Resources), rejected.Type, rejected.Message);
        _rejectedTypes.Add(rejected.Type);
        Report(_grain.ReportRejected(_session, new ConfigurationRejection(rejected.Type, [.. rejected.Resources], rejected.Message)), "a rejection");
    }

    /// <summary>What the proxy grain is told does not hold up the session; calls to one grain arrive in order.</summary>
    private void Report(Task report, string what)
        => report.ContinueWith(
            failed => _logger.LogWarning(failed.Exception, "Could not record {What} of proxy {Proxy}", what, _proxy),
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void Adopt(ProxyView view)
    {
        _view = view;
        var before = _snapshot;
        var snapshot = _snapshot = SnapshotTranslation.Translate(view);
        var changes = new List<TypeChange>();
        foreach (var type in (ReadOnlySpan<string>)[XdsType.Cluster, XdsType.Extension, XdsType.Listener, XdsType.Route])
            changes.Add(SnapshotChange.Between(type, before, snapshot, _interner));
        changes.Add(WatchDestinations());
        changes.Add(Secrets(before, snapshot));
        _ads.Set(changes);
    }

    /// <summary>Watches the endpoints that the view's outbounds need, and no others.</summary>
    private TypeChange WatchDestinations()
    {
        var wanted = _view.Outbounds.Select(o => o.Destination).DistinctBy(d => d.Name).ToDictionary(d => d.Name, StringComparer.Ordinal);
        var gone = _watched.Where(w => !wanted.ContainsKey(w.Key)).ToList();
        var added = wanted.Where(w => !_watched.ContainsKey(w.Key)).ToList();
        _watched = wanted;
        foreach (var (_, selection) in gone)
            _endpoints.Unwatch(_proxy.Mesh, selection, _inbox);
        foreach (var (_, selection) in added)
            _endpoints.Watch(_proxy.Mesh, selection, _inbox);
        return new TypeChange(XdsType.Endpoints, Complete: true)
        {
            Pending = [.. added.Select(a => a.Key)],
            Removed = [.. gone.Select(g => g.Key)],
        };
    }

    private void Adopt(Dictionary<EndpointSelection, EncodedResource> endpoints)
        => _ads.Set([new TypeChange(XdsType.Endpoints, Complete: true)
        {
            Upserted = [.. endpoints.Where(e => _watched.ContainsKey(e.Key.Name)).Select(e => e.Value)],
        }]);

    /// <summary>The trust bundle, and the identity: the one that the proxy already holds while it is good, else a new one.</summary>
    private TypeChange Secrets(ProxySnapshot? before, ProxySnapshot snapshot)
    {
        var bundle = SnapshotChange.Between(XdsType.Secret, before, snapshot, _interner);
        if (_view.Identity is not { } identity)
        {
            _issuer.NoRenewal();
            return bundle with { Complete = true, Removed = [.. bundle.Removed, SecretNames.Identity] };
        }

        var upserted = bundle.Upserted.ToList();
        var pending = new List<string>();
        if (identity.TrustBundle.Length == 0 && before is null)
            pending.Add(SecretNames.TrustBundle);
        if (_certificate is { } certificate && IsGood(certificate, identity))
        {
            if (before is null)
            {
                // Issued in an earlier session: its key is gone with that session, but the proxy may still hold both.
                upserted.Add(new EncodedResource(SecretNames.Identity, certificate.Serial, ReadOnlyMemory<byte>.Empty));
                _issuer.RenewAt(certificate.RenewAt());
            }
        }
        else
        {
            if (before is null)
                pending.Add(SecretNames.Identity);
            _issuer.Issue(identity);
        }

        // An authority that cannot be reached takes no trust away: the proxy keeps what it has.
        return bundle with { Complete = true, Upserted = upserted, Pending = pending, Removed = [] };
    }

    private void Adopt(SignedIdentity signed)
    {
        if (_view.Identity is not { } identity)
            return;
        if (!IsGood(signed.Certificate, identity))
        {
            _issuer.Issue(identity);
            return;
        }

        _certificate = signed.Certificate;
        _issuer.RenewAt(signed.Certificate.RenewAt());
        _ads.Set([new TypeChange(XdsType.Secret, Complete: true) { Upserted = [signed.Secret] }]);
    }

    /// <summary>Where no authority can be had, the one that signed counts as the present one.</summary>
    private bool IsGood(CertificateRecord certificate, IdentityView identity)
        => certificate.IsStillGood(identity, AuthorityIdentity.OfTrustBundle(identity.TrustBundle) ?? certificate.AuthorityId, _time.GetUtcNow());

    private async ValueTask SendAsync()
    {
        var wrote = false;
        while (_ads.TrySend(out var response))
        {
            await _call.WriteAsync(response.Segments);
            _metrics.Pushes.Add(1, Tag(response.Type));
            wrote = true;
        }

        if (wrote)
            await _call.FlushAsync();

        // The proxy does not hold the certificate of the earlier session after all, and its key is gone: it gets another one.
        if (_view.Identity is { } identity && _ads.IsBodyNeeded(XdsType.Secret, SecretNames.Identity))
            _issuer.Issue(identity);
    }

    private static KeyValuePair<string, object?> Tag(string type) => new("type", type[(type.LastIndexOf('.') + 1)..]);
}
