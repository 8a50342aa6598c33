using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Policies;

[Properties(Arbitrary = [typeof(PermissionGenerators)], MaxTest = 300)]
public class PermissionIndexTests
{
    [Property]
    public void It_governs_as_the_rule_over_all_permissions_does(PlacedPermission[] permissions, TagSet inbound)
    {
        var distinct = Distinct(permissions);
        Assert.Equal(PermissionMatching.Govern(inbound, distinct), PermissionIndex.Of(permissions).Govern(inbound));
    }

    [Property]
    public void Changes_in_any_order_end_in_the_index_of_what_is_left(PlacedPermission[] first, string[] removed, PlacedPermission[] second, TagSet inbound)
    {
        var names = removed.Select(r => r ?? "").ToHashSet();
        var index = PermissionIndex.Of(first);
        index = names.Aggregate(index, (i, name) => i.Without(name));
        index = second.Aggregate(index, (i, placed) => i.With(placed));

        var left = Distinct([.. first.Where(p => !names.Contains(p.Permission.Name)), .. second]);
        Assert.Equal(left, index.Permissions);
        Assert.Equal(left.Length, index.Count);
        Assert.Equal(PermissionMatching.Govern(inbound, left), index.Govern(inbound));

        var emptied = left.Aggregate(index, (i, placed) => i.Without(placed.Permission.Name));
        Assert.Empty(emptied.Permissions);
        Assert.Null(emptied.Govern(inbound));
        Assert.Equal(left, index.Permissions);
    }

    [Fact]
    public void Removing_what_is_not_there_changes_nothing() => Assert.Same(PermissionIndex.Empty, PermissionIndex.Empty.Without("p"));

    [Fact]
    public void A_changed_permission_no_longer_counts_for_its_old_destinations()
    {
        var before = new PlacedPermission(new TrafficPermission("m", "p", Selectors.Parse("s=x"), Selectors.Parse("kuma.io/service=a|kuma.io/service=*")), 1);
        var after = before with { Permission = before.Permission with { Destinations = Selectors.Parse("kuma.io/service=b") } };
        var index = PermissionIndex.Empty.With(before).With(after);
        Assert.Null(index.Govern(Selectors.Tags("kuma.io/service=a")));
        Assert.Equal("p", index.Govern(Selectors.Tags("kuma.io/service=b"))!.Name);
        Assert.Same(after, index.Find("p"));
    }

    /// <summary>The last one of each name, by name.</summary>
    private static PlacedPermission[] Distinct(IEnumerable<PlacedPermission> permissions)
        => [.. permissions.GroupBy(p => p.Permission.Name).Select(g => g.Last()).OrderBy(p => p.Permission.Name, StringComparer.Ordinal)];
}

/// <summary>Makes permissions and tags of a small world, so that they meet often.</summary>
public static class PermissionGenerators
{
    private static readonly string[] Names = ["kuma.io/service", "version", "team"];

    private static readonly Gen<Selector> AnySelector = TagsOf(["a", "b", "*"]).Select(tags => new Selector(tags));

    private static readonly Gen<ValueList<Selector>> AnySelectors =
        from count in Gen.Choose(0, 3)
        from selectors in AnySelector.ArrayOf(count)
        select selectors.ToValueList();

    public static Arbitrary<TagSet> Tags() => TagsOf(["a", "b", "c"]).ToArbitrary();

    public static Arbitrary<ValueList<Selector>> SelectorLists() => AnySelectors.ToArbitrary();

    public static Arbitrary<string> PermissionNames() => Gen.Elements("p", "q", "r", "s", "t").ToArbitrary();

    public static Arbitrary<PlacedPermission> Permissions() => Arb.From(
        from name in PermissionNames().Generator
        from created in Gen.Choose(0, 3)
        from sources in AnySelectors
        from destinations in AnySelectors
        select new PlacedPermission(new TrafficPermission("default", name, sources, destinations), created));

    private static Gen<TagSet> TagsOf(string[] values) =>
        from chosen in Gen.Elements<string?>([null, .. values]).ArrayOf(Names.Length)
        select TagSet.Of(Names.Zip(chosen).Where(t => t.Second is not null).Select(t => KeyValuePair.Create(t.First, t.Second!)));
}
