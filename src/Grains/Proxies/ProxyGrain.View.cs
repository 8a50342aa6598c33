using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Proxies;

/// <summary>What the proxy has to do, and what that depends on.</summary>
public sealed partial class ProxyGrain
{
    /// <summary>Learns anew all that the view depends on, and shows the view if it differs. What cannot be learned now is learned later.</summary>
    /// <param name="spoken">See <see cref="IProxyGrain.Reconcile"/>.</param>
    private async Task FollowAsync(LiveSession live, ValueList<ServiceProtocol>? spoken = null)
    {
        try
        {
            if (!await ObserveMeshAsync(live, State.Dataplane!))
            {
                await MeshChanged(null);
                return;
            }

            if (live.Slice!.Quarantined.Contains(_id.Name))
                await FollowQuarantine(Caller.System);
            if (spoken is null || spoken.Count != live.Protocols.Count || !spoken.All(s => live.Protocols.TryGetValue(s.Service, out var known) && known == s.Protocol))
                await ObserveServicesAsync(live);
            await EnsureTrustAsync(live, anew: true);
        }
        catch (Exception e)
        {
            logger.LogError(e, "Proxy {Proxy} could not learn what it has to do", _id);
            RetryLater();
        }

        await ShowViewAsync(live);
    }

    /// <returns>False: the mesh does not exist.</returns>
    private async Task<bool> ObserveMeshAsync(LiveSession live, Dataplane dataplane)
    {
        var slice = await Mesh.Observe(this.AsReference<IMeshObserver>(), dataplane.Networking.Inbound.Select(i => i.Tags).ToValueList());
        live.Slice = slice ?? live.Slice;
        return slice is not null;
    }

    private async Task ObserveServicesAsync(LiveSession live)
    {
        var self = this.AsReference<IServiceProtocolObserver>();
        var wanted = State.Dataplane!.Networking.Outbound.Select(o => o.Service).ToHashSet(StringComparer.Ordinal);
        var unwanted = live.Protocols.Keys.Where(service => !wanted.Contains(service)).ToList();
        unwanted.ForEach(service => live.Protocols.Remove(service));
        live.Protocols.EnsureCapacity(wanted.Count);
        await Task.WhenAll([.. unwanted.Select(UnobserveAsync), .. wanted.Select(ObserveAsync)]);

        async Task ObserveAsync(string service)
        {
            try
            {
                live.Protocols[service] = await Service(service).ObserveProtocol(self);
            }
            catch (Exception e)
            {
                logger.LogError(e, "Proxy {Proxy} could not learn what service {Service} speaks", _id, service);
                live.Protocols.TryAdd(service, Protocol.Tcp);
                RetryLater();
            }
        }

        async Task UnobserveAsync(string service)
        {
            try
            {
                await Service(service).UnobserveProtocol(self);
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Proxy {Proxy} could not end observing service {Service}", _id, service);
            }
        }
    }

    /// <summary>
    /// Has the mesh's first authority made where there is none yet. One that fails stops nothing else: there is none then, and the proxy trusts nobody.
    /// </summary>
    /// <param name="anew">Ask even where it will be asked for soon: each change that waited for an authority which does not answer would delay the
    /// next one.</param>
    private async Task EnsureTrustAsync(LiveSession live, bool anew)
    {
        if (live.Slice is not { Backend: { } backend, Trust: null } || (!anew && _retry is not null))
            return;
        try
        {
            var authority = await Authority(backend.Name).GetAuthority(backend, OnBehalfOfProxy).WaitAsync(Options.AuthorityTimeout, Time);
            await Mesh.TrustAuthority(authority, OnBehalfOfProxy);
            await ObserveMeshAsync(live, State.Dataplane!);
        }
        catch (Exception e)
        {
            logger.LogError(e, "Proxy {Proxy} could not get the authority {Backend}", _id, backend.Name);
            RetryLater();
        }
    }

    /// <summary>Shows protocols that changed: at once, or, where others were shown a moment ago, together with those that come until the moment is over.</summary>
    private Task ShowProtocolsAsync(LiveSession live)
    {
        if (live.ProtocolsDue is not null)
            return Task.CompletedTask;
        var wait = live.ProtocolsShown + Options.ProtocolPause - Time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
            return ShowNowAsync();
        live.ProtocolsDue = this.RegisterGrainTimer(ShowNowAsync, new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        return Task.CompletedTask;

        async Task ShowNowAsync()
        {
            live.ProtocolsDue?.Dispose();
            live.ProtocolsDue = null;
            live.ProtocolsShown = Time.GetUtcNow();
            if (live == _live)
                await ShowViewAsync(live);
        }
    }

    private async Task ShowViewAsync(LiveSession live)
    {
        if (await ComputeViewAsync(live) is not { } view || view.Equals(live.View))
            return;
        live.View = view;
        _ = live.Observer.ViewChanged(view);
    }

    /// <returns>Null: the session has ended meanwhile.</returns>
    private async Task<ProxyView?> ComputeViewAsync(LiveSession live)
    {
        try
        {
            await DecideAsync(
                state => ProxyDecider.Decide(new RecordTcpSources(state.Dataplane is { } present ? SourcesInForce(present) : []), state),
                Caller.SystemFor(Causes.Event($"mesh/{_id.Mesh}", live.Slice!.Version)),
                mayBeLate: true);
        }
        catch (Exception e)
        {
            logger.LogError(e, "Who may call the TCP inbounds of proxy {Proxy} could not be recorded; it is enforced all the same", _id);
            RetryLater();
        }

        // Not before: whoever decides may find that the Dataplane changed or went.
        if (live != _live || State.Dataplane is not { } dataplane)
            return null;

        // Where they could not be recorded, as they will be: enforcement does not wait for the store.
        var recorded = TcpRevocation.Record(State.TcpSources, SourcesInForce(dataplane)).Aggregate(State, ProxyDecider.Evolve).TcpSources;
        var view = ProxyViews.Compute(
            dataplane,
            live.Slice!.Backend,
            PermissionsOf(dataplane),
            service => live.Protocols.GetValueOrDefault(service, Protocol.Tcp),
            live.Slice.Trust,
            recorded,
            live.Slice.Quarantined);

        // The same object where nothing changed, so that whoever compares sees it at once.
        return live.View is { } before && before.Outbounds.Equals(view.Outbounds) ? view with { Outbounds = before.Outbounds } : view;

        List<GoverningPermission?> PermissionsOf(Dataplane of) => of.Networking.Inbound.Select(i => live.Slice!.PermissionFor(i.Tags)).ToList();

        ValueList<InboundSources> SourcesInForce(Dataplane of) => TcpRevocation.SourcesInForce(of, live.Slice!.Backend, PermissionsOf(of), live.Slice.Quarantined);
    }
}
