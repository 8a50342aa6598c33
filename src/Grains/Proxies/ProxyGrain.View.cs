using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Proxies;

/// <summary>What the proxy has to do, and what that depends on.</summary>
public sealed partial class ProxyGrain
{
    // The last trust bundle that could be had, and the backend whose it is.
    private (string Backend, TrustBundle Bundle)? _trust;

    /// <summary>Learns anew all that the view depends on, and shows the view if it differs. What cannot be learned now is learned later.</summary>
    private async Task FollowAsync(LiveSession live)
    {
        try
        {
            if (!await ObserveMeshAsync(live, State.Dataplane!))
            {
                await MeshChanged(null);
                return;
            }

            await ObserveServicesAsync(live);
            await LearnTrustAsync(live, anew: true);
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
    /// Learns whom to trust. An authority that fails stops nothing else: the last bundle stays, or there is none, and then the proxy trusts nobody.
    /// </summary>
    /// <param name="anew">Ask even where a bundle is known, or will be asked for soon: each change that waited for an authority which does not
    /// answer would delay the next one.</param>
    private async Task LearnTrustAsync(LiveSession live, bool anew)
    {
        if (live.Slice?.Backend is not { } backend || (!anew && (_trust?.Backend == backend.Name || _retry is not null)))
            return;
        try
        {
            _trust = (backend.Name, await Authority(backend.Name).GetTrustBundle(backend, OnBehalfOfProxy).WaitAsync(Options.AuthorityTimeout, Time));
        }
        catch (Exception e)
        {
            logger.LogError(e, "Proxy {Proxy} could not get the trust bundle of authority {Backend}", _id, backend.Name);
            RetryLater();
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
        return ProxyViews.Compute(
            dataplane,
            live.Slice!.Backend,
            PermissionsOf(dataplane),
            service => live.Protocols.GetValueOrDefault(service, Protocol.Tcp),
            live.Slice.Backend is { } backend && _trust is { } trust && trust.Backend == backend.Name ? trust.Bundle.Pem : "",
            recorded);

        List<GoverningPermission?> PermissionsOf(Dataplane of) => of.Networking.Inbound.Select(i => live.Slice!.PermissionFor(i.Tags)).ToList();

        ValueList<InboundSources> SourcesInForce(Dataplane of) => TcpRevocation.SourcesInForce(of, live.Slice!.Backend, PermissionsOf(of));
    }
}
