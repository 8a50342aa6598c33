using FsCheck.Xunit;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Policies;

[Properties(Arbitrary = [typeof(PermissionGenerators)], MaxTest = 500)]
public class PermissionTakeoverTests
{
    private static readonly PlacedInbound Backend = new("backend-1", 10000, Selectors.Tags("kuma.io/service=backend"));
    private static readonly PlacedInbound Web = new("web-1", 10000, Selectors.Tags("kuma.io/service=web"));

    private static readonly PermissionIndex Before = PermissionIndex.Of([Permission("a", 1, "kuma.io/service=backend"), Permission("all", 0, "kuma.io/service=*")]);

    [Fact]
    public void A_permission_that_takes_over_an_inbound_is_told()
    {
        var takeovers = PermissionTakeover.Find(Before, Before.With(Permission("b", 2, "kuma.io/service=backend")), [Web, Backend]);
        Assert.Equal(
            ["permission 'b' now governs inbound 10000 of proxy 'backend-1' (service backend) instead of 'a'; the sources of 'a' no longer count there"],
            PermissionTakeover.Warnings(takeovers));
    }

    [Fact]
    public void So_is_one_that_governs_since_another_was_withdrawn()
        => Assert.Equal([new PermissionTakeover(Backend, "all", "a")], PermissionTakeover.Find(Before, Before.Without("a"), [Web, Backend]));

    [Fact]
    public void There_is_no_takeover_where_nothing_governed_before_or_nothing_does_now()
    {
        Assert.Empty(PermissionTakeover.Find(PermissionIndex.Empty, Before, [Web, Backend]));
        Assert.Empty(PermissionTakeover.Find(Before, PermissionIndex.Empty, [Web, Backend]));
        Assert.Empty(PermissionTakeover.Find(Before, Before.With(Permission("c", 2, "kuma.io/service=other")), [Web, Backend]));
    }

    [Fact]
    public void Warnings_are_bounded_and_in_order()
    {
        var inbounds = Enumerable.Range(0, 4).SelectMany(i => new[] { Backend with { Proxy = $"p{9 - i}", Port = 2 }, Backend with { Proxy = $"p{9 - i}", Port = 1 } });
        var warnings = PermissionTakeover.Warnings(PermissionTakeover.Find(Before, Before.With(Permission("b", 2, "kuma.io/service=backend")), inbounds));
        Assert.Equal(6, warnings.Count);
        Assert.StartsWith("permission 'b' now governs inbound 1 of proxy 'p6'", warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("permission 'b' now governs inbound 2 of proxy 'p6'", warnings[1], StringComparison.Ordinal);
        Assert.Equal("and 3 more inbounds are now governed by another permission than before", warnings[5]);
    }

    [Property]
    public void Exactly_the_inbounds_whose_governing_permission_changed_are_found(PlacedPermission[] before, PlacedPermission[] after, TagSet[] inbounds)
    {
        var (old, now) = (PermissionIndex.Of(before), PermissionIndex.Of(after));
        var placed = inbounds.Select((tags, i) => new PlacedInbound("p", i, tags)).ToArray();
        Assert.Equal(
            placed.Where(p => old.Govern(p.Tags) is { } a && now.Govern(p.Tags) is { } b && a.Name != b.Name),
            PermissionTakeover.Find(old, now, placed).Select(t => t.Inbound));
    }

    private static PlacedPermission Permission(string name, long created, string destinations)
        => new(new TrafficPermission("default", name, Selectors.Parse("kuma.io/service=web"), Selectors.Parse(destinations)), created);
}
