using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Tests;

/// <summary>What is translated again, and that it makes no difference.</summary>
[Properties(Arbitrary = [typeof(Views)])]
public class SnapshotTranslatorTests
{
    private readonly List<string> _encoded = [];
    private readonly SnapshotTranslator _translator;

    public SnapshotTranslatorTests() => _translator = new SnapshotTranslator(_encoded.Add);

    [Property]
    public void View_after_view_gives_what_each_gives_alone_and_the_differences_add_up(ProxyView[] views)
    {
        ProxySnapshot? snapshot = null;
        Dictionary<(string, string), string> told = [];
        foreach (var view in views)
        {
            var before = snapshot;
            snapshot = _translator.Translate(view, before);
            var difference = snapshot.Since(before);
            foreach (var (type, resource) in difference.Upserted)
            {
                Assert.NotEqual(resource.Version, before?.OfType(type).GetValueOrDefault(resource.Name)?.Version);
                told[(type, resource.Name)] = resource.Version;
            }

            foreach (var removed in difference.Removed)
                Assert.True(told.Remove(removed));
            Assert.Equal(ByName(SnapshotTranslation.Translate(view)), ByName(snapshot));
            Assert.Equal(ByName(snapshot).ToDictionary(r => r.Key, r => snapshot.OfType(r.Key.TypeUrl)[r.Key.Name].Version), told);
        }
    }

    [Property]
    public void An_equal_view_is_translated_only_once(ProxyView view)
    {
        var snapshot = _translator.Translate(view, before: null);
        _encoded.Clear();

        var again = _translator.Translate(view with { Inbounds = [.. view.Inbounds], Outbounds = [.. view.Outbounds] }, snapshot);

        Assert.Empty(_encoded);
        Assert.Empty(again.Since(snapshot).Upserted);
        Assert.Empty(again.Since(snapshot).Removed);
    }

    [Property]
    public Property Another_permission_encodes_what_is_asked_of_it_and_nothing_else(ProxyView view) => Prop.ForAll(
        Arb.From(Gen.CollectToArray(view.Inbounds, _ => Views.Permission())),
        permissions =>
        {
            var changed = view with { Inbounds = view.Inbounds.Zip(permissions, (inbound, permission) => inbound with { Permission = permission }).ToValueList() };
            var snapshot = _translator.Translate(view, before: null);
            _encoded.Clear();
            _translator.Translate(changed, snapshot);

            var other = view.Identity is null ? [] : view.Inbounds.Zip(changed.Inbounds).Where(i => !i.First.Equals(i.Second)).Select(i => i.First).ToList();
            Assert.Equal(other.Count, _encoded.Count(type => type == XdsType.Extension));
            Assert.Equal(view.Identity is { TrustBundle.Length: > 0 } ? other.Count(i => !i.Protocol.IsHttp()) : 0, _encoded.Count(type => type == XdsType.Secret));
            Assert.All(_encoded, type => Assert.True(type is XdsType.Extension or XdsType.Secret));
        });

    [Fact]
    public void A_destination_is_encoded_once_for_all_its_callers()
    {
        ProxyView[] views = [.. Enumerable.Range(1, 20).Select(i => Caller(i, "web", "db"))];
        var snapshots = views.Select(view => _translator.Translate(view, before: null)).ToList();

        Assert.Equal(2, _encoded.Count(type => type == XdsType.Route));
        Assert.Equal(3, _encoded.Count(type => type == XdsType.Cluster));
        Assert.Equal(1, _encoded.Count(type => type == XdsType.Secret));
        Assert.Equal(2 + views.Length, _encoded.Count(type => type == XdsType.Listener));
        Assert.Equal(views.Length, _encoded.Count(type => type == XdsType.Extension));
        Assert.All(snapshots, snapshot => Assert.Same(snapshots[0].OfType(XdsType.Cluster)["web"], snapshot.OfType(XdsType.Cluster)["web"]));
        GC.KeepAlive(snapshots);
    }

    [Fact]
    public void A_destination_that_speaks_something_else_is_encoded_alone()
    {
        var snapshot = _translator.Translate(Caller(1, "web", "db"), before: null);
        _encoded.Clear();
        var changed = Caller(1, "web", "db");
        changed = changed with { Outbounds = [changed.Outbounds[0], changed.Outbounds[1] with { Protocol = Protocol.Tcp }] };

        var difference = _translator.Translate(changed, snapshot).Since(snapshot);

        Assert.Equal([XdsType.Cluster, XdsType.Listener], _encoded.Order(StringComparer.Ordinal));
        Assert.Equal([(XdsType.Cluster, "db"), (XdsType.Listener, "outbound:127.0.0.1:10002")], difference.Upserted.Select(r => (r.TypeUrl, r.Resource.Name)).Order());
        Assert.Equal([(XdsType.Route, "db")], difference.Removed);
    }

    [Fact]
    public void What_another_mesh_has_is_not_taken_for_the_same()
    {
        var one = _translator.Translate(Caller(1, "web"), before: null);
        var other = _translator.Translate(Caller(1, "web") with { Proxy = new("other", "p-1") }, one);
        var plain = _translator.Translate(Caller(1, "web") with { Identity = null }, one);

        Assert.Equal(3, new[] { one, other, plain }.Select(s => s.OfType(XdsType.Cluster)["web"].Version).Distinct().Count());
        Assert.Equal(3, new[] { one, other, plain }.Select(s => s.OfType(XdsType.Listener)["inbound:10.0.0.1:80"].Version).Distinct().Count());
    }

    private static ProxyView Caller(int host, params string[] services) => new(
        new("default", $"p-{host}"),
        new IdentityView("ca-1", ["spiffe://default/caller"], "a bundle", TimeSpan.FromDays(1)),
        [
            new InboundView(
                $"10.0.0.{host}", 80, TagSet.Of((TagSet.ServiceTag, "caller")), Protocol.Http, "127.0.0.1", 8080, new GoverningPermission("all", [], []), RevocationEpoch: 0),
        ],
        [.. services.Select((service, i) => new OutboundView("127.0.0.1", 10_001 + i, new EndpointSelection(service, TagSet.Empty), Protocol.Http))]);

    private static Dictionary<(string TypeUrl, string Name), string> ByName(ProxySnapshot snapshot)
        => XdsType.InOrderOfAddition
            .SelectMany(type => snapshot.OfType(type).Values.Select(resource => (type, resource)))
            .ToDictionary(r => (r.type, r.resource.Name), r => Convert.ToHexString(r.resource.Body.Span));
}
