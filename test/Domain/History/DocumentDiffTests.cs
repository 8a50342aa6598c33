using System.Text.Json.Nodes;
using OrleansMesh.Domain.History;

namespace OrleansMesh.Domain.Tests.History;

public sealed class DocumentDiffTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":"x"}}""", """{"a":1,"b":{"c":"x"}}""", "")]
    [InlineData("""{"a":1}""", """{"a":2}""", "a: 1 -> 2")]
    [InlineData("""{"a":{"kuma.io/service":"web"}}""", """{"a":{"kuma.io/service":"api"}}""", "a[\"kuma.io/service\"]: web -> api")]
    [InlineData("null", """{"a":"grüße","b":[1,true],"c":{},"d":[]}""", "+a: grüße|+b[0]: 1|+b[1]: true|+c: {}|+d: []")]
    [InlineData("""{"a":{"b":"x"},"c":null}""", "null", "-a.b: x")]
    [InlineData("""{"a":[1]}""", """{"a":"1"}""", "-a[0]: 1|+a: 1")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{}}""", "-a.b: 1")]
    public void Values_that_differ_are_named_with_what_they_were_and_are(string before, string after, string expected)
        => Assert.Equal(expected, Diff(before, after));

    [Theory]
    [InlineData("[1,2,3]", "[2,3]", "-[0]: 1")]
    [InlineData("[1,2,3]", "[1,9,2,3]", "+[1]: 9")]
    [InlineData("[1,2,3]", "[1,9,3]", "[1]: 2 -> 9")]
    [InlineData("""[{"a":1,"b":2},{"a":3}]""", """[{"a":1,"b":5},{"a":3}]""", "[0].b: 2 -> 5")]
    [InlineData("[1,2,3]", "[]", "-[0]: 1|-[1]: 2|-[2]: 3")]
    public void An_item_that_comes_or_goes_is_no_change_of_the_others(string before, string after, string expected)
        => Assert.Equal(expected, Diff(before, after));

    private static string Diff(string before, string after)
        => string.Join('|', DocumentDiff.Of(JsonNode.Parse(before), JsonNode.Parse(after)).Select(c => c switch
        {
            { Before: null } => $"+{c.Field}: {c.After}",
            { After: null } => $"-{c.Field}: {c.Before}",
            _ => $"{c.Field}: {c.Before} -> {c.After}",
        }));
}
