using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Reading;

public class TrafficPermissionReaderTests
{
    private const string BadValue = "tag value must consist of alphanumeric characters, dots, dashes and underscores or be \"*\"";
    private const string Web = "[{match: {kuma.io/service: web}}]";

    [Theory]
    [InlineData("sources: []\ndestinations: " + Web, "sources: must have at least one element")]
    [InlineData("destinations: " + Web, "sources: must have at least one element")]
    [InlineData("sources: " + Web, "destinations: must have at least one element")]
    [InlineData("", "sources: must have at least one element", "destinations: must have at least one element")]
    [InlineData("sources: {}\ndestinations: " + Web, "sources: must have at least one element", "sources: must be a list")]
    [InlineData("sources: [web]\ndestinations: " + Web, "sources[0]: must be an object")]
    [InlineData("sources: [{}]\ndestinations: " + Web, "sources[0].match: must have at least one tag")]
    [InlineData("sources: [{match: {}}]\ndestinations: [{match: ~}]", "sources[0].match: must have at least one tag", "destinations[0].match: must have at least one tag")]
    [InlineData("sources: [{match: {kuma.io/service: web}}, {match: {v: ''}}]\ndestinations: " + Web, "sources[1].match[\"v\"]: tag value must be non-empty")]
    [InlineData("sources: [{match: {kuma.io/service: 'w*'}}]\ndestinations: " + Web, "sources[0].match[\"kuma.io/service\"]: " + BadValue)]
    [InlineData("sources: [{match: {kuma.io: service/web}}]\ndestinations: " + Web, "sources[0].match[\"kuma.io\"]: " + BadValue)] // it would match the tag kuma.io/service
    [InlineData("sources: [{match: {kuma.io/service: ..}}]\ndestinations: " + Web, "sources[0].match[\"kuma.io/service\"]: tag value must not be '.' or '..'")]
    [InlineData("sources: [{match: {'x y': '*'}}]\ndestinations: " + Web, "sources[0].match[\"x y\"]: tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores")]
    [InlineData("sources: [{match: {kuma.io/service: web, v: 1}}]\ndestinations: " + Web, "sources[0].match[\"v\"]: must be a string; put it in quotes: \"1\"")]
    [InlineData("sources: [{match: {kuma.io/service: web}, matches: {}}]\ndestinations: " + Web, "sources[0].matches: unknown field; expected one of match; did you mean 'match'?")]
    [InlineData("sources: " + Web + "\ndestinations: " + Web + "\naction: DENY", "action: unknown field; expected one of type, mesh, name, labels, creationTime, modificationTime, kri, sources, destinations")]
    public void Every_problem_is_named(string spec, params string[] problems)
        => Assert.Equal(problems, Read.Problems($"type: TrafficPermission\nname: p\n{spec}"));

    [Fact]
    public void Selectors_are_read_in_order_with_any_value()
    {
        var permission = (TrafficPermission)Read.Valid("""
            type: TrafficPermission
            mesh: shop
            name: p
            sources:
            - match: {kuma.io/service: web, version: '*'}
            - match: {kuma.io/service: api}
            destinations:
            - match: {kuma.io/service: "*"}
            """);
        Assert.Equal("shop", permission.Mesh);
        Assert.Equal([TagSet.Of(("kuma.io/service", "web"), ("version", "*")), TagSet.Of(("kuma.io/service", "api"))], permission.Sources.Select(s => s.Match));
        Assert.Equal([TagSet.Of(("kuma.io/service", "*"))], permission.Destinations.Select(s => s.Match));
    }
}
