using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Policies;

public class PermissionMatchingTests
{
    private static readonly TagSet Inbound = TagSet.Of(("kuma.io/service", "backend"), ("version", "v1"), ("team", "a"));

    [Theory]
    // matching
    [InlineData("p@1 kuma.io/service=backend", "p")]
    [InlineData("p@1 kuma.io/service=*", "p")]
    [InlineData("p@1 kuma.io/service=web", null)]
    [InlineData("p@1 kuma.io/service=backend,zone=*", null)] // the tag has to be there for any value of it
    [InlineData("p@1 kuma.io/service=backend,version=v2", null)]
    [InlineData("p@1 version=v1", "p")]
    [InlineData("p@1 kuma.io/service=web|kuma.io/service=backend", "p")] // any selector may match
    // most tags
    [InlineData("a@1 kuma.io/service=backend,version=*; b@2 kuma.io/service=backend", "a b")]
    [InlineData("a@1 kuma.io/service=*,version=*,team=*; b@2 kuma.io/service=backend,version=v1", "a b")]
    [InlineData("a@1 kuma.io/service=*|kuma.io/service=backend,version=v1; b@2 kuma.io/service=backend", "a b")] // by the best selector
    [InlineData("a@1 kuma.io/service=backend,version=v1,zone=z|kuma.io/service=*; b@2 kuma.io/service=backend", "b a")] // that matches
    // then most exact values
    [InlineData("a@1 kuma.io/service=backend; b@2 kuma.io/service=*", "a b")]
    [InlineData("a@1 kuma.io/service=*,version=v1; b@2 kuma.io/service=*,version=*", "a b")]
    [InlineData("a@1 kuma.io/service=backend,version=v1; b@2 kuma.io/service=backend,version=*", "a b")]
    [InlineData("a@1 version=v1; b@2 kuma.io/service=*", "a b")] // the service's tag is one like the others
    // then the one created last
    [InlineData("a@1 kuma.io/service=backend; b@2 kuma.io/service=backend", "b a")]
    [InlineData("a@3 kuma.io/service=backend; b@2 kuma.io/service=backend; c@1 kuma.io/service=backend", "a b c")]
    [InlineData("a@1 kuma.io/service=backend; b@2 version=v1", "b a")]
    // then the first by name
    [InlineData("b@1 kuma.io/service=backend; a@1 kuma.io/service=backend", "a b")]
    [InlineData("ab@1 kuma.io/service=*; a-b@1 kuma.io/service=*; a@1 kuma.io/service=*", "a a-b ab")]
    // everything together, next best first
    [InlineData("any@9 kuma.io/service=*; old@1 kuma.io/service=backend; new@2 kuma.io/service=backend; two@0 team=*,version=*; no@10 kuma.io/service=web", "two new old any")]
    public void Exactly_one_permission_governs(string permissions, string? governingThenOverridden)
    {
        var placed = Parse(permissions);
        var governing = PermissionMatching.Govern(Inbound, placed);

        Assert.Equal(governingThenOverridden, governing is null ? null : string.Join(' ', governing.Overridden.Prepend(governing.Name)));
        if (governing is not null)
            Assert.Equal(placed.Single(p => p.Permission.Name == governing.Name).Permission.Sources, governing.Sources);
        Assert.Equal(governing, PermissionMatching.Govern(Inbound, placed.Reverse()));
        Assert.Equal(governing, PermissionIndex.Of(placed).Govern(Inbound));
    }

    [Fact]
    public void Where_no_permission_governs_nobody_may_call()
    {
        Assert.Null(PermissionMatching.Govern(Inbound, []));
        Assert.False(PermissionMatching.Allows(null, Inbound));
    }

    [Theory]
    [InlineData("kuma.io/service=web", "kuma.io/service=web", true)]
    [InlineData("kuma.io/service=web", "kuma.io/service=api", false)]
    [InlineData("kuma.io/service=*", "kuma.io/service=api", true)]
    [InlineData("version=*", "kuma.io/service=api", false)]
    [InlineData("kuma.io/service=web|version=v1", "kuma.io/service=api,version=v1", true)]
    [InlineData("kuma.io/service=web,version=v1", "kuma.io/service=web", false)]
    [InlineData("kuma.io/service=web,version=v1", "kuma.io/service=web|kuma.io/service=admin,version=v1", true)] // an identity is all inbounds' tags
    [InlineData("kuma.io/service=web,version=v2", "kuma.io/service=web|kuma.io/service=admin,version=v1", false)]
    public void The_governing_permissions_sources_decide(string sources, string client, bool allowed)
    {
        var governing = new GoverningPermission("p", Selectors.Parse(sources), []);
        Assert.Equal(allowed, PermissionMatching.Allows(governing, [.. Selectors.Parse(client).Select(s => s.Match)]));
    }

    /// <summary><c>name@created selector|selector; …</c>, each with a source of its own.</summary>
    private static PlacedPermission[] Parse(string permissions) => [.. permissions.Split("; ").Select(text =>
    {
        var (name, created, destinations) = (text[..text.IndexOf('@')], text[(text.IndexOf('@') + 1)..text.IndexOf(' ')], text[(text.IndexOf(' ') + 1)..]);
        var permission = new TrafficPermission("default", name, Selectors.Parse($"kuma.io/service=client-of-{name}"), Selectors.Parse(destinations));
        return new PlacedPermission(permission, long.Parse(created));
    })];
}
