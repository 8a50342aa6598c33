using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using HttpRbac = Envoy.Extensions.Filters.Http.Rbac.V3.RBAC;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace OrleansMesh.Translation.Tests;

[Properties(Arbitrary = [typeof(Views)])]
public class SnapshotProperties
{
    [Property]
    public void The_same_view_gives_the_same_bytes(ProxyView view)
        => Assert.Empty(Differences(SnapshotTranslation.Translate(view), SnapshotTranslation.Translate(view with { Inbounds = [.. view.Inbounds] })));

    [Property]
    public void A_version_stands_for_the_bytes(ProxyView one, ProxyView other)
    {
        foreach (var (_, a) in All(SnapshotTranslation.Translate(one)))
        {
            foreach (var (_, b) in All(SnapshotTranslation.Translate(other)))
                Assert.Equal(a.Body.Span.SequenceEqual(b.Body.Span), a.Version == b.Version);
        }
    }

    [Property]
    public Property Permissions_touch_no_listener_route_or_cluster(ProxyView view) => Prop.ForAll(
        Arb.From(Gen.CollectToArray(view.Inbounds, _ => Views.Permission())),
        permissions =>
        {
            var changed = view with { Inbounds = view.Inbounds.Zip(permissions, (inbound, permission) => inbound with { Permission = permission }).ToValueList() };
            var differences = Differences(SnapshotTranslation.Translate(view), SnapshotTranslation.Translate(changed));
            Assert.Empty(differences
                .Except(view.Inbounds.Select(i => (XdsType.Extension, ResourceNames.Permission(i))))
                .Except(view.Inbounds.Where(i => !i.Protocol.IsHttp()).Select(i => (XdsType.Secret, ResourceNames.Callers(i)))));
        });

    [Property]
    public void A_revocation_touches_the_filter_chain_of_its_TCP_inbound_and_nothing_else(ProxyView view)
    {
        var revoked = view with { Inbounds = view.Inbounds.Select(i => i with { RevocationEpoch = i.RevocationEpoch + 1 }).ToValueList() };
        var expected = view.Identity is null ? [] : view.Inbounds.Where(i => !i.Protocol.IsHttp()).Select(i => (XdsType.Listener, ResourceNames.Listener(i)));

        Assert.Equal(expected, Differences(SnapshotTranslation.Translate(view), SnapshotTranslation.Translate(revoked)));

        foreach (var inbound in view.Inbounds)
        {
            var before = ListenerOf(SnapshotTranslation.Translate(view), inbound);
            var after = ListenerOf(SnapshotTranslation.Translate(revoked), inbound);
            // Envoy drains a chain, and not the listener, as long as nothing but chains differs.
            after.FilterChains.Single().Name = before.FilterChains.Single().Name;
            Assert.Equal(before, after);
        }
    }

    [Property]
    public void Whatever_is_referred_to_is_there(ProxyView view)
    {
        var snapshot = SnapshotTranslation.Translate(view);
        var clusters = snapshot.OfType(XdsType.Cluster).Keys;
        var permissions = snapshot.OfType(XdsType.Extension).Keys;
        var filters = snapshot.OfType(XdsType.Listener).Values.Select(EnvoyMessages.Open<Listener>).SelectMany(l => l.FilterChains).SelectMany(c => c.Filters).ToList();
        foreach (var manager in filters.Select(f => Unpack<HttpConnectionManager>(f)).OfType<HttpConnectionManager>())
        {
            var routes = manager.RouteConfig ?? EnvoyMessages.Open<RouteConfiguration>(snapshot.OfType(XdsType.Route)[manager.Rds.RouteConfigName]);
            Assert.Contains(routes.VirtualHosts.Single().Routes.Single().Route_.Cluster, clusters);
            Assert.All(manager.HttpFilters.Where(f => f.ConfigDiscovery is not null), f => Assert.Contains(f.Name, permissions));
        }

        foreach (var proxy in filters.Select(f => Unpack<TcpProxy>(f)).OfType<TcpProxy>())
            Assert.Contains(proxy.Cluster, clusters);
        Assert.All(filters.Where(f => f.ConfigDiscovery is not null), f => Assert.Contains(f.Name, permissions));
    }

    [Property]
    public void Whatever_is_there_is_named_as_its_message_is(ProxyView view) => Assert.All(
        All(SnapshotTranslation.Translate(view)),
        r => Assert.Equal(r.Resource.Name, EnvoyMessages.Open(r.Resource).Descriptor.FindFieldByName("name").Accessor.GetValue(EnvoyMessages.Open(r.Resource))));

    [Property]
    public void With_mutual_TLS_an_inbound_has_one_way_in_and_it_denies_by_default(ProxyView view)
    {
        if (view.Identity is null)
            return;
        var snapshot = SnapshotTranslation.Translate(view);
        foreach (var inbound in view.Inbounds)
        {
            var listener = ListenerOf(snapshot, inbound);
            Assert.Null(listener.DefaultFilterChain);
            var chain = Assert.Single(listener.FilterChains);
            var tls = chain.TransportSocket.TypedConfig.Unpack<DownstreamTlsContext>();
            Assert.True(tls.RequireClientCertificate);
            Assert.True(inbound.Protocol.IsHttp() ^ tls.CommonTlsContext.CombinedValidationContext.DefaultValidationContext.MatchTypedSubjectAltNames.Count == 0);
            if (inbound.Protocol.IsHttp())
            {
                var first = chain.Filters.Single().TypedConfig.Unpack<HttpConnectionManager>().HttpFilters[0];
                var rules = Default(first.ConfigDiscovery).Unpack<HttpRbac>().Rules;
                Assert.True(rules is { Action: global::Envoy.Config.Rbac.V3.RBAC.Types.Action.Allow, Policies.Count: 0 });
            }
            else
            {
                var rules = Default(chain.Filters[0].ConfigDiscovery).Unpack<NetworkRbac>().Rules;
                Assert.True(rules is { Action: global::Envoy.Config.Rbac.V3.RBAC.Types.Action.Allow, Policies.Count: 0 });
            }
        }

        foreach (var secret in snapshot.OfType(XdsType.Secret).Values.Where(s => s.Name.StartsWith("callers:", StringComparison.Ordinal)).Select(EnvoyMessages.Open<Secret>))
            Assert.NotEmpty(secret.ValidationContext.MatchTypedSubjectAltNames);
    }

    private static Google.Protobuf.WellKnownTypes.Any Default(ExtensionConfigSource source)
    {
        Assert.False(source.ApplyDefaultConfigWithoutWarming);
        return source.DefaultConfig;
    }

    private static T? Unpack<T>(Filter filter) where T : class, Google.Protobuf.IMessage<T>, new()
        => filter.TypedConfig is { } config && config.TryUnpack<T>(out var message) ? message : null;

    private static Listener ListenerOf(ProxySnapshot snapshot, InboundView inbound)
        => EnvoyMessages.Open<Listener>(snapshot.OfType(XdsType.Listener)[ResourceNames.Listener(inbound)]);

    private static IEnumerable<(string TypeUrl, EncodedResource Resource)> All(ProxySnapshot snapshot)
        => XdsType.InOrderOfAddition.SelectMany(type => snapshot.OfType(type).Values.Select(resource => (type, resource)));

    private static List<(string TypeUrl, string Name)> Differences(ProxySnapshot one, ProxySnapshot other)
    {
        var (a, b) = (ByName(one), ByName(other));
        return [.. a.Keys.Union(b.Keys).Where(k => a.GetValueOrDefault(k) != b.GetValueOrDefault(k)).Order()];
    }

    private static Dictionary<(string TypeUrl, string Name), string> ByName(ProxySnapshot snapshot)
        => All(snapshot).ToDictionary(r => (r.TypeUrl, r.Resource.Name), r => Convert.ToHexString(r.Resource.Body.Span));
}
