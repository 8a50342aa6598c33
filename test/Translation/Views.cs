using FsCheck;
using FsCheck.Fluent;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Tests;

/// <summary>Views of all kinds, from few words, so that the same ones meet often.</summary>
public static class Views
{
    private static readonly string[] Services = ["web", "backend", "db"];

    private static readonly string[] Words = ["a", "b"];

    public static Arbitrary<ProxyView> Any() => Arb.From(
        from identity in Gen.OneOf(Gen.Constant<IdentityView?>(null), Gen.Elements<IdentityView?>(Identity("bundle 1"), Identity("bundle 2"), Identity("")))
        from inbounds in Gen.Choose(0, 3).SelectMany(n => Gen.CollectToArray(Enumerable.Range(0, n), Inbound))
        from outbounds in Gen.Choose(0, 4).SelectMany(n => Gen.CollectToArray(Enumerable.Range(0, n), Outbound))
        select new ProxyView(new("default", "p"), identity, inbounds.ToValueList(), outbounds.ToValueList()));

    public static Arbitrary<Selector> Selectors() => Arb.From(Selector());

    public static Arbitrary<TagSet> Tags() => Arb.From(
        from service in Gen.Elements(Services)
        from tags in TagsOf(Gen.Elements(Words))
        select TagSet.Of(tags.Append(new(TagSet.ServiceTag, service))));

    public static Gen<GoverningPermission?> Permission() => Gen.OneOf(
        Gen.Constant<GoverningPermission?>(null),
        from name in Gen.Elements(Words)
        from sources in Selector().NonEmptyListOf()
        select (GoverningPermission?)new GoverningPermission(name, sources.ToValueList(), []));

    private static IdentityView Identity(string bundle) => new("ca-1", ["spiffe://default/web"], bundle, TimeSpan.FromDays(1));

    // Tags that begin like one another.
    private static Gen<IEnumerable<KeyValuePair<string, string>>> TagsOf(Gen<string> values)
        => from tags in Gen.SubListOf("team", "team/a", "version")
           from given in Gen.CollectToArray(tags, tag => values.Select(value => KeyValuePair.Create(tag, value)))
           select given.AsEnumerable();

    private static Gen<Selector> Selector()
        => from service in Gen.Elements([.. Services, Domain.Resources.Selector.Any])
           from tags in TagsOf(Gen.Elements([.. Words, Domain.Resources.Selector.Any]))
           from withService in tags.Any() ? Gen.Elements(true, false) : Gen.Constant(true)
           select new Selector(TagSet.Of(withService ? tags.Append(new(TagSet.ServiceTag, service)) : tags));

    private static Gen<InboundView> Inbound(int index)
        => from service in Gen.Elements(Services)
           from protocol in Gen.Elements(Enum.GetValues<Protocol>())
           from address in Gen.Elements("127.0.0.1", "10.0.0.9", "fd00::9")
           from port in Gen.Choose(9000, 9001)
           from permission in Permission()
           from epoch in Gen.Choose(0, 3)
           from quarantined in Gen.SubListOf("stolen", "web-1")
           select new InboundView(
               "10.0.0.1", 8000 + index, TagSet.Of((TagSet.ServiceTag, service)), protocol, address, port, permission, protocol.IsHttp() ? 0 : epoch)
           {
               Quarantined = permission is { Sources.Count: > 0 } ? [.. quarantined] : [],
           };

    // A destination has one protocol, wherever it is called from.
    private static Gen<OutboundView> Outbound(int index)
        => from service in Gen.Elements(Services)
           from tags in TagsOf(Gen.Elements(Words))
           let destination = new EndpointSelection(service, TagSet.Of(tags))
           select new OutboundView("127.0.0.1", 10_000 + index, destination, (Protocol)(destination.Name.Length % 4));
}
