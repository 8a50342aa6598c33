using FsCheck.Xunit;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Policies;

[Properties(Arbitrary = [typeof(PermissionGenerators)], MaxTest = 500)]
public class SourceCoverageTests
{
    [Theory]
    [InlineData("", "", false)]
    [InlineData("", "kuma.io/service=web", false)]
    [InlineData("kuma.io/service=web", "", true)]
    [InlineData("kuma.io/service=web", "kuma.io/service=web", false)]
    [InlineData("kuma.io/service=web", "kuma.io/service=api", true)]
    [InlineData("kuma.io/service=web", "kuma.io/service=*", false)]
    [InlineData("kuma.io/service=*", "kuma.io/service=web", true)]
    [InlineData("kuma.io/service=web", "kuma.io/service=web|kuma.io/service=api", false)]
    [InlineData("kuma.io/service=web|kuma.io/service=api", "kuma.io/service=web", true)]
    [InlineData("kuma.io/service=web,version=v1", "kuma.io/service=web", false)]
    [InlineData("kuma.io/service=web", "kuma.io/service=web,version=*", true)]
    [InlineData("kuma.io/service=*", "kuma.io/service=a|kuma.io/service=b", true)]
    [InlineData("kuma.io/service=web|kuma.io/service=api", "kuma.io/service=*", false)]
    public void Somebody_loses_the_permission(string before, string after, bool loses)
        => Assert.Equal(loses, SourceCoverage.Loses(Selectors.Parse(before), Selectors.Parse(after)));

    [Property]
    public void Whoever_is_no_longer_let_in_counts_as_a_loss(ValueList<Selector> before, ValueList<Selector> after, TagSet client)
    {
        if (before.Any(s => s.Matches(client)) && !after.Any(s => s.Matches(client)))
            Assert.True(SourceCoverage.Loses(before, after));
    }

    /// <summary>The clients of a model that has one value more than the selectors name.</summary>
    [Property]
    public void There_is_a_loss_exactly_where_some_client_of_the_model_loses(ValueList<Selector> before, ValueList<Selector> after)
    {
        string?[] values = [null, "a", "b", "fresh"];
        var clients =
            from service in values
            from version in values
            from team in values
            select TagSet.Of(new[] { ("kuma.io/service", service), ("version", version), ("team", team) }
                .Where(t => t.Item2 is not null).Select(t => KeyValuePair.Create(t.Item1, t.Item2!)));
        Assert.Equal(clients.Any(c => before.Any(s => s.Matches(c)) && !after.Any(s => s.Matches(c))), SourceCoverage.Loses(before, after));
    }
}
