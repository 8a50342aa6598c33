using Microsoft.Extensions.Logging;
using Orleans.Placement;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Grains.EventSourcing;
using OrleansMesh.Grains.Silos;

namespace OrleansMesh.Grains.Proxies;

/// <inheritdoc cref="IProxyGrain"/>
[PreferLocalPlacement]
public sealed partial class ProxyGrain(EventSourcedGrainServices services, LivingSilos silos, ILogger<ProxyGrain> logger)
    : EventSourcedGrain<ProxyState, ProxyEvent>("proxy", ProxyState.Empty, services, logger), IProxyGrain, IMeshObserver, IServiceProtocolObserver
{
    private LiveSession? _live;
    private IGrainTimer? _retry;
    private ProxyId _id;

    private IMeshGrain Mesh => GrainFactory.GetGrain<IMeshGrain>(_id.Mesh);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = ProxyId.OfKey(this.GetPrimaryKeyString());
        await base.OnActivateAsync(cancellationToken);

        // Whoever was connected to this silo was so to an activation that is no more, most likely of an earlier run.
        await AwaitReturnAsync(Options.RestartGracePeriod);
    }

    public async Task<CommandResult> ApplyDataplane(Dataplane dataplane, Caller caller)
    {
        if (State.Dataplane is not null)
            return await DecideAndOfferAsync(new ApplyDataplane(dataplane), caller);

        // A mesh that somebody observes cannot be deleted: it is still there when the Dataplane has come into being.
        var self = this.AsReference<IMeshObserver>();
        if (await Mesh.Observe(self, []) is not { } slice)
            return new CommandResult(Outcome.MeshNotFound);
        try
        {
            await FollowQuarantineAsync(slice.Quarantined.Contains(_id.Name), caller);
            return await DecideAndOfferAsync(new ApplyDataplane(dataplane), caller);
        }
        finally
        {
            await Mesh.Unobserve(self);
        }
    }

    public Task<CommandResult> DeleteDataplane(Caller caller) => DecideAndOfferAsync(new DeleteDataplane(), caller);

    public Task<Dataplane?> GetDataplane() => Task.FromResult(State.Dataplane);

    public async Task<ConnectResult> Connect(ProxyConnection connection, IProxySessionObserver observer, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection.Dataplane is { } presented && new ProxyId(presented.Mesh, presented.Name) != _id)
            return Refused($"it presented the Dataplane {presented.Mesh}/{presented.Name}, expected {_id}");
        if ((connection.Dataplane ?? State.Dataplane) is not { } dataplane)
            return Refused("it presented no Dataplane, and none is stored");
        var live = new LiveSession(connection.Session, observer);
        if (!await ObserveMeshAsync(live, dataplane))
            return Refused($"the mesh {_id.Mesh} does not exist");
        await FollowQuarantineAsync(live.Slice!.Quarantined.Contains(_id.Name), caller);

        var older = _live;
        _live = live;
        try
        {
            var decided = await DecideAsync(new ConnectProxy(connection.Session, connection.Dataplane, connection.Agent, silos.Name), caller);
            if (decided.Outcome == Outcome.Refused)
            {
                _ = older?.Observer.SessionEnded(State.Quarantined ? decided.Problems[0].Message : "its Dataplane was deleted");
                _live = older ?? live;
                await EndLiveAsync();
                return Refused(decided.Problems[0].Message);
            }
        }
        catch
        {
            if (older is null)
            {
                await EndLiveAsync();
            }
            else
            {
                _live = older;
                await FollowAsync(older);
            }

            throw;
        }

        StopAwaiting();
        StayActive(true);
        if (older is not null && older.Session != live.Session)
            _ = older.Observer.SessionEnded("superseded by a newer connection of the same proxy");
        older?.ProtocolsDue?.Dispose();
        live.Protocols = older?.Protocols ?? live.Protocols;
        await OfferEndpointsAsync(caller);
        await ObserveServicesAsync(live);
        await EnsureTrustAsync(live, anew: true);
        if (State.Dataplane != dataplane)
            RetryLater();
        live.View = await ComputeViewAsync(live);
        if (live.View is null)
        {
            await EndLiveAsync();
            return Refused("its Dataplane was deleted meanwhile");
        }

        logger.LogInformation("Proxy {Proxy} connected, session {Session}, Envoy {Envoy}", _id, live.Session, connection.Agent.EnvoyVersion);
        return new ConnectResult(null, live.View, State.Certificate);
    }

    public async Task Disconnect(string session)
    {
        if (_live?.Session == session)
            await EndLiveAsync();
        try
        {
            await DecideAsync(new DisconnectProxy(session), Caller.SystemFor(Causes.Session(session)));
        }
        finally
        {
            await AwaitReturnAsync(Options.GracePeriod);
        }
    }

    public async Task<long> Leave(Caller caller)
    {
        var left = await DecideAndOfferAsync(new AnnounceLeave(), caller);
        if (Untold() is [var untold, ..])
            throw new InvalidOperationException($"service {untold.Service} could not be told that proxy {_id} leaves; it will be");
        return left.Position > 0 ? left.Position : await Store.HeadAsync();
    }

    public async Task ReportListening(string session)
    {
        if (_live?.Session == session)
            _live.IsListening = true;
        try
        {
            await DecideAndOfferAsync(new ReportListening(session), OnBehalfOfProxy);
        }
        catch
        {
            RetryLater();
            throw;
        }
    }

    public Task ReportRejected(string session, ConfigurationRejection rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        logger.LogWarning(
            "Proxy {Proxy} refused {Type} {Resources}: {Message}", _id, rejection.TypeUrl, rejection.Resources, rejection.Message);
        return DecideAsync(new ReportRejected(session, rejection), OnBehalfOfProxy);
    }

    public Task ReportAccepted(string session, string typeUrl) => DecideAsync(new ReportAccepted(session, typeUrl), OnBehalfOfProxy);

    public Task ReportHeld(string session, HeldSecrets held) => DecideAsync(new ReportHeld(session, held), OnBehalfOfProxy);

    public Task<bool> Serves(string session) => Task.FromResult(_live?.Session == session);

    public async Task Reconcile(ValueList<ServiceProtocol>? spoken)
    {
        _retry?.Dispose();
        _retry = null;
        if (State.Quarantined || _quarantineUnknown)
            await FollowQuarantine(Caller.System);
        await OfferEndpointsAsync(Caller.System);
        if (_live is { } live)
            await FollowAsync(live, spoken);

        // Envoy says it once; last, since the store may still not take it.
        if (_live is { IsListening: true } listening)
            await ReportListening(listening.Session);
        await AwaitReturnAsync(Options.RestartGracePeriod);
    }

    public async Task MeshChanged(MeshSlice? slice)
    {
        if (_live is not { } live)
        {
            await Mesh.Unobserve(this.AsReference<IMeshObserver>());
        }
        else if (slice is null)
        {
            _ = live.Observer.SessionEnded($"the mesh {_id.Mesh} was deleted");
            await Disconnect(live.Session);
        }
        else if (live.Slice is null || slice.Version > live.Slice.Version)
        {
            live.Slice = slice;
            if (slice.Quarantined.Contains(_id.Name))
                await FollowQuarantine(Caller.System);
            await EnsureTrustAsync(live, anew: false);
            await ShowViewAsync(live);
        }
    }

    public async Task ProtocolChanged(string service, Protocol protocol)
    {
        if (_live is not { } live || !live.Protocols.ContainsKey(service))
        {
            await Service(service).UnobserveProtocol(this.AsReference<IServiceProtocolObserver>());
        }
        else
        {
            live.Protocols[service] = protocol;
            await ShowProtocolsAsync(live);
        }
    }

    protected override ProxyState Evolve(ProxyState state, ProxyEvent happened) => ProxyDecider.Evolve(state, happened);

    protected override async Task OnAppliedAsync(ProxyState before, IReadOnlyList<ProxyEvent> events, Caller caller)
    {
        // Whoever was awaited has returned, to this silo or another, or is not awaited any more.
        if (State.Session != before.Session)
            StopAwaiting();
        if (_live is not { View: not null } live)
            return;
        if (State.Dataplane is null)
        {
            _ = live.Observer.SessionEnded("its Dataplane was deleted");
            await EndLiveAsync();
        }
        else if (State.Quarantined)
        {
            _ = live.Observer.SessionEnded("it is quarantined");
            await EndLiveAsync();
        }
        else if (State.Session != live.Session)
        {
            // Another activation of this proxy, in another silo, took a newer connection.
            _ = live.Observer.SessionEnded("superseded by a newer connection of the same proxy");
            await EndLiveAsync();
        }
        else if (State.Dataplane != before.Dataplane)
        {
            await FollowAsync(live);
        }
    }

    // Another silo may have told the services something else meanwhile, or this one, a moment ago, something that holds no more.
    protected override Task OnCaughtUpAsync() => _told.Count > 0 ? OfferEndpointsAsync(Caller.System) : Task.CompletedTask;

    private Caller OnBehalfOfProxy => new($"proxy:{_id}", (_live?.Session ?? State.Session) is { } session ? Causes.Session(session) : Causes.Sweep);

    private ICertificateAuthorityGrain Authority(string backend) => GrainFactory.GetGrain<ICertificateAuthorityGrain>($"{_id.Mesh}/{backend}");

    private IServiceGrain Service(string service) => GrainFactory.GetGrain<IServiceGrain>($"{_id.Mesh}/{service}");

    private ConnectResult Refused(string why)
    {
        logger.LogWarning("Proxy {Proxy} may not connect: {Reason}", _id, why);
        return new ConnectResult(why, null, null);
    }

    // What is said of a session changes nothing unless that is the present one, and of its own session the grain knows all.
    private Task<CommandResult> DecideAsync(ProxyCommand command, Caller caller)
        => DecideAsync(
            state => ProxyDecider.Decide(command, state), caller, mayBeLate: command is not (Domain.Proxies.ApplyDataplane or Domain.Proxies.DeleteDataplane or AnnounceLeave));

    /// <summary>Decides, then has the services learn what follows for them.</summary>
    /// <returns>With the position from which on every reader sees both.</returns>
    private async Task<CommandResult> DecideAndOfferAsync(ProxyCommand command, Caller caller)
    {
        var result = await DecideAsync(command, caller);
        var offered = await OfferEndpointsAsync(caller);
        return result with { Position = Math.Max(result.Position, offered) };
    }

    private async Task EndLiveAsync()
    {
        if (_live is not { } live)
            return;
        _live = null;
        live.ProtocolsDue?.Dispose();
        StayActive(false);
        try
        {
            await Mesh.Unobserve(this.AsReference<IMeshObserver>());
            var self = this.AsReference<IServiceProtocolObserver>();
            await Task.WhenAll(live.Protocols.Keys.Select(service => Service(service).UnobserveProtocol(self)));
        }
        catch (Exception e)
        {
            // Whoever notifies a proxy that is not connected is told so then.
            logger.LogWarning(e, "Proxy {Proxy} could not end all that it observes", _id);
        }
    }

    private void RetryLater()
        => _retry ??= this.RegisterGrainTimer(() => Reconcile(null), new GrainTimerCreationOptions(Options.RetryDelay, Options.RetryDelay) { KeepAlive = true });

    /// <summary>A connection that this activation serves, and what is known for it.</summary>
    private sealed class LiveSession(string session, IProxySessionObserver observer)
    {
        public string Session => session;

        public IProxySessionObserver Observer => observer;

        /// <summary>Whether Envoy took its listeners in this session.</summary>
        public bool IsListening { get; set; }

        public MeshSlice? Slice { get; set; }

        /// <summary>What the services that the workload calls speak.</summary>
        public Dictionary<string, Protocol> Protocols { get; set; } = new(StringComparer.Ordinal);

        /// <summary>When a protocol was last shown that had changed.</summary>
        public DateTimeOffset ProtocolsShown { get; set; }

        /// <summary>Set while a changed protocol waits to be shown.</summary>
        public IGrainTimer? ProtocolsDue { get; set; }

        /// <summary>What the session was told last.</summary>
        public ProxyView? View { get; set; }
    }
}
