using System.Text.RegularExpressions;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Reading;

/// <summary>A proxy's tags become URIs of its certificate, by which others judge it: they must be URIs, and say one thing only.</summary>
public partial class TagUriTests
{
    private static readonly string[] Tags = [.. Words("aZ.:/", 3), "kuma.io/service", "kuma.io", "kuma.io/", "a?b", "a#b", "a%2f", "a@b", "é"];
    private static readonly string[] Values = [.. Words("aZ.-:/*", 2), "service/a", "a?b", "a#b", "a%2f", "a@b", "é", "..."];

    [Fact]
    public void Every_tag_of_a_proxy_is_one_URI_that_no_other_tag_has()
    {
        var tagOfUri = new Dictionary<string, (string, string)>();
        foreach (var tag in Tags.Where(t => IsValid(t, "x")))
        {
            foreach (var value in Values.Where(v => IsValid(tag, v)))
            {
                var uri = $"kuma://{tag}/{value}";
                Assert.True(tagOfUri.TryAdd(uri, (tag, value)), uri);
                Assert.Matches(AbsoluteUri(), uri);
                Assert.DoesNotContain(uri["kuma://".Length..].Split('/'), part => part is "" or "." or "..");
            }
        }

        Assert.True(tagOfUri.Count > 1000, $"only {tagOfUri.Count} were valid");
    }

    [Fact]
    public void A_selectors_exact_values_are_those_that_a_proxy_can_have()
    {
        foreach (var tag in Tags.Where(t => t.Length != 3))
            Assert.All(Values.Where(v => v != "*"), value => Assert.Equal(IsValid(tag, value), IsValidSelector(tag, value)));
        Assert.True(IsValidSelector("kuma.io/service", "*"));
        Assert.False(IsValid("kuma.io/service", "*"));
    }

    [Fact]
    public void Every_service_is_a_SPIFFE_ID()
    {
        var services = Values.Where(v => IsValid(TagSet.ServiceTag, v)).ToArray();
        Assert.Contains("...", services);
        Assert.True(services.Length > 10, string.Join(" ", services));
        Assert.All(services, service => Assert.Matches(SpiffeId(), $"spiffe://default/{service}"));
    }

    private static bool IsValid(string tag, string value)
    {
        var tags = new Dictionary<string, string> { [TagSet.ServiceTag] = "a", [tag] = value };
        var dataplane = new Dataplane("default", "a", new DataplaneNetworking("10.0.0.1", [new Inbound(1, TagSet.Of(tags))], []));
        return ResourceReader.Read(ResourceWriter.Write(dataplane)).Resource is not null;
    }

    private static bool IsValidSelector(string tag, string value)
    {
        ValueList<Selector> selectors = [new Selector(TagSet.Of((tag, value)))];
        return ResourceReader.Read(ResourceWriter.Write(new TrafficPermission("default", "p", selectors, selectors))).Resource is not null;
    }

    /// <summary>All words over the letters up to a length, the empty one among them.</summary>
    private static IEnumerable<string> Words(string letters, int length)
        => length == 0 ? [""] : Words(letters, length - 1).SelectMany(w => letters.Select(l => w + l)).Concat(Words(letters, length - 1)).Distinct();

    /// <summary>RFC 3986: an authority that is a name without port, then segments of unreserved characters and colons.</summary>
    [GeneratedRegex(@"^kuma://[A-Za-z0-9._-]+(/[A-Za-z0-9._:-]+)+\z")]
    private static partial Regex AbsoluteUri();

    /// <summary>SPIFFE-ID, section 2: path segments are letters, digits, dots, dashes and underscores, and neither <c>.</c> nor <c>..</c>.</summary>
    [GeneratedRegex(@"^spiffe://[a-z0-9._-]{1,255}/(?!\.{1,2}\z)[A-Za-z0-9._-]+\z")]
    private static partial Regex SpiffeId();
}
