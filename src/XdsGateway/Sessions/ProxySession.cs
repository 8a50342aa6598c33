using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
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
    /// <summary>How long after its connection a proxy may take until it has said all that it has and wants.</summary>
    private static readonly TimeSpan ReconnectTime = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ReportRetry = TimeSpan.FromSeconds(1);

    /// <summary>Characters of a proxy's words that are kept; it may say anything.</summary>
    private const int MaxWords = 4096;

    private readonly GrpcCall _call;
    private readonly AdsSession _ads;
    private readonly ProxyId _proxy;
    private readonly string _session;
    private readonly SessionInbox _inbox;
    private readonly Admission.Place _admitted;
    private readonly IProxyGrain _grain;
    private readonly EndpointCatalog _endpoints;
    private readonly SnapshotTranslator _translator;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IdentityIssuer _issuer;
    private readonly ITimer _reconnect;
    private readonly CancellationTokenSource _ended = new();

    private readonly HashSet<string> _rejectedTypes = new(StringComparer.Ordinal);
    private ProxyView _view;
    private ProxySnapshot? _snapshot;

    /// <summary>What the grain was told last of the trust and the certificate that Envoy holds.</summary>
    private HeldSecrets? _held;
    private CertificateRecord? _certificate;
    private bool _listening;

    public ProxySession(GrpcCall call, AdsVariant variant, BegunSession begun, SessionServices services)
    {
        _call = call;
        _ads = new AdsSession(variant);
        _proxy = begun.Proxy;
        _session = begun.Name;
        _view = begun.View!;
        _certificate = begun.Certificate;
        _inbox = begun.Inbox;
        _admitted = begun.Admitted!;
        _grain = begun.Grain!;
        _endpoints = services.Endpoints;
        _translator = services.Translator;
        _metrics = services.Metrics;
        _time = services.Time;
        _logger = services.Logger;
        _issuer = new IdentityIssuer(_grain, _session, _inbox, _time, _metrics, _logger);
        _reconnect = _time.CreateTimer(_ => _inbox.ReconnectIsOver(), null, ReconnectTime, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Serves the proxy until it leaves, is superseded, or breaks the protocol.</summary>
    public async Task RunAsync()
    {
        // A newer view than that of the connection may be in the inbox already; it comes after it.
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
            if (news.RenewalDue)
                Renew();
            if (news.ReconnectOver)
                _ads.ConcludeReconnect();
            await SendAsync();
            TellWhatFollows();

            if (news.RequestFailure is { } failure)
                throw failure;
            if (news.RequestsEnded)
                return;
        }
    }

    public void Dispose()
    {
        foreach (var selection in Destinations(_snapshot is null ? null : _view))
            _endpoints.Unwatch(_proxy.Mesh, selection, _inbox);
        _issuer.Dispose();
        _reconnect.Dispose();
        _ended.Cancel();
        _ended.Dispose();
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
        _metrics.Acks.Add(1, GatewayMetrics.OfType(type));
        if (type == XdsType.Listener)
            Listens();

        // It may have taken what was beside that which it refuses.
        if (!_ads.HasRefusals(type) && _rejectedTypes.Remove(type))
            Report(_grain.ReportAccepted(_session, type), "an acceptance");
    }

    /// <summary>The proxy can serve: reported until it is recorded, since nobody calls a proxy of which that is not known.</summary>
    private void Listens()
    {
        if (_listening)
            return;
        _listening = true;
        _admitted.Dispose();
        _ = ReportListeningAsync(_ended.Token);
    }

    private async Task ReportListeningAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await _grain.ReportListening(_session);
                return;
            }
            catch (Exception e)
            {
                _logger.LogWarning(e, "Could not record that proxy {Proxy} listens; trying again", _proxy);
                await Task.Delay(ReportRetry, _time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Rejected(AdsEvent.Rejected rejected)
    {
        _metrics.Nacks.Add(1, GatewayMetrics.OfType(rejected.Type));
        var words = rejected.Message.Length <= MaxWords ? rejected.Message : $"{rejected.Message.AsSpan(0, MaxWords)}…";
        _logger.LogError("Proxy {Proxy} refused {Resources} of {Type}: {Message}", _proxy, string.Join(", ", rejected.Resources), rejected.Type, words);
        _rejectedTypes.Add(rejected.Type);
        Report(_grain.ReportRejected(_session, new ConfigurationRejection(rejected.Type, [.. rejected.Resources], words)), "a rejection");
    }

    /// <summary>What the proxy grain is told does not hold up the session; calls to one grain arrive in order.</summary>
    private void Report(Task report, string what)
        => report.ContinueWith(
            failed => _logger.LogWarning(failed.Exception, "Could not record {What} of proxy {Proxy}", what, _proxy),
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void Adopt(ProxyView view)
    {
        var (viewBefore, before) = (_view, _snapshot);
        _view = view;
        _snapshot = _translator.Translate(view, before);
        var difference = _snapshot.Since(before);
        var changes = SnapshotChange.Of(difference, isFirst: before is null);
        if (before is null || !view.Outbounds.Equals(viewBefore.Outbounds))
            changes.Add(WatchDestinations(before is null ? null : viewBefore));
        changes.Add(Secrets(difference, before is null ? null : viewBefore));
        _ads.Set(changes);
    }

    /// <summary>Watches the endpoints that the view's outbounds need, and no others.</summary>
    /// <param name="before">The view before; null: it is the first.</param>
    private TypeChange WatchDestinations(ProxyView? before)
    {
        var (watched, wanted) = (Destinations(before), Destinations(_view));
        var (gone, added) = (watched.Except(wanted).ToList(), wanted.Except(watched).ToList());
        foreach (var selection in gone)
            _endpoints.Unwatch(_proxy.Mesh, selection, _inbox);
        foreach (var selection in added)
            _endpoints.Watch(_proxy.Mesh, selection, _inbox);
        return new TypeChange(XdsType.Endpoints, Complete: true) { Pending = [.. added.Select(a => a.Name)], Removed = [.. gone.Select(g => g.Name)] };
    }

    private static HashSet<EndpointSelection> Destinations(ProxyView? view) => view is null ? [] : [.. view.Outbounds.Select(o => o.Destination)];

    private void Adopt(Dictionary<EndpointSelection, EncodedResource> endpoints)
        => _ads.Set([new TypeChange(XdsType.Endpoints, Complete: true)
        {
            // What a service had when it was given up may still have been under way.
            Upserted = [.. endpoints.Where(e => _view.Outbounds.Any(o => o.Destination.Equals(e.Key))).Select(e => e.Value)],
        }]);

    /// <summary>
    /// Whom to trust, and the identity: the one that the proxy already holds while it is good, else a new one. An authority that cannot be had takes
    /// nothing away: the proxy keeps what it has, and waits for what it has not.
    /// </summary>
    /// <param name="before">The view before; null: it is the first.</param>
    private TypeChange Secrets(SnapshotDifference difference, ProxyView? before)
    {
        var needed = SecretNames.Of(_view).ToList();
        var upserted = SnapshotChange.Upserted(difference, XdsType.Secret).ToList();
        if (_view.Identity is not { } identity)
        {
            // The proxy is told to forget it.
            _certificate = null;
            _issuer.Stop();
        }
        else if (_certificate is not { } certificate || !IsGood(certificate, identity))
        {
            _issuer.Issue(identity);
        }
        else if (before is null)
        {
            // Issued in an earlier session: its key is gone with that session, but the proxy may still hold both.
            upserted.Add(new EncodedResource(SecretNames.Identity, certificate.Serial, ReadOnlyMemory<byte>.Empty));
            _issuer.RenewAt(certificate.RenewAt());
        }

        return new TypeChange(XdsType.Secret, Complete: true)
        {
            Upserted = upserted,
            Pending = needed,
            Removed = before is null ? [] : [.. SecretNames.Of(before).Except(needed)],
        };
    }

    private void Adopt(SignedIdentity signed)
    {
        _issuer.Delivered();
        if (_view.Identity is not { } identity)
            return;
        if (!IsGood(signed.Certificate, identity))
        {
            _issuer.IssueAnother(identity);
            return;
        }

        _certificate = signed.Certificate;
        _issuer.RenewAt(signed.Certificate.RenewAt());
        _ads.Set([new TypeChange(XdsType.Secret, Complete: true) { Upserted = [signed.Secret] }]);
    }

    private void Renew()
    {
        if (_view.Identity is not { } identity || _certificate is not { } certificate)
            return;
        if (_time.GetUtcNow() < certificate.RenewAt())
            _issuer.RenewAt(certificate.RenewAt());
        else
            _issuer.Issue(identity);
    }

    private bool IsGood(CertificateRecord certificate, IdentityView identity) => certificate.IsStillGood(identity, _time.GetUtcNow());

    private async ValueTask SendAsync()
    {
        var wrote = false;
        while (_ads.TrySend(out var response))
        {
            await _call.WriteAsync(response.Segments);
            _metrics.Pushes.Add(1, GatewayMetrics.OfType(response.Type));
            wrote = true;
        }

        if (wrote)
            await _call.FlushAsync();
    }

    private void TellWhatFollows()
    {
        // A proxy that reconnects may have all listeners already, so that there is nothing for it to acknowledge.
        if (!_listening && _ads.IsHeld(XdsType.Listener))
            Listens();

        if (_view.Identity is { ConfirmBundle: { } bundle })
            Confirm(bundle);

        // The proxy does not hold the certificate of the earlier session after all, and its key is gone: it gets another one.
        if (_view.Identity is { } identity && _ads.IsBodyNeeded(XdsType.Secret, SecretNames.Identity))
            _issuer.Issue(identity);
    }

    /// <summary>While the mesh changes its authorities it matters whom the proxy trusts and what it presents, by its own word.</summary>
    private void Confirm(string bundle)
    {
        var trust = SecretNames.Of(_view).Where(name => name != SecretNames.Identity && _ads.IsWanted(XdsType.Secret, name)).ToList();
        if (trust.Count == 0 || !trust.TrueForAll(name => _ads.IsHeld(XdsType.Secret, name)))
            return;
        var authority = _ads.IsHeld(XdsType.Secret, SecretNames.Identity) ? _certificate?.AuthorityId : _held?.Authority;
        var held = new HeldSecrets(bundle, authority);
        if (held == _held)
            return;
        _held = held;
        _ = ReportHeldAsync(held, _ended.Token);
    }

    private async Task ReportHeldAsync(HeldSecrets held, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested && held == _held)
        {
            try
            {
                await _grain.ReportHeld(_session, held);
                return;
            }
            catch (Exception e)
            {
                _logger.LogWarning(e, "Could not record whom proxy {Proxy} trusts; trying again", _proxy);
                await Task.Delay(ReportRetry, _time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
