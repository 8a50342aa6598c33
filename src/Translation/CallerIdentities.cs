using System.Text.RegularExpressions;
using Envoy.Type.Matcher.V3;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Translation;

/// <summary>
/// A permission's source as what a caller's certificate must say. A certificate bears its service and each of its tags as a URI of its own,
/// so each tag of the source asks for one URI, and all of them must be there.
/// </summary>
internal static class CallerIdentities
{
    /// <summary>One matcher a tag; for a source without tags, any identity of the mesh.</summary>
    public static IReadOnlyList<StringMatcher> Of(string mesh, Selector source) => source.Match.Count == 0
        ? [Service(mesh, Selector.Any)]
        : [.. source.Match.Select(tag => tag.Key == TagSet.ServiceTag ? Service(mesh, tag.Value) : Tag(tag.Key, tag.Value))];

    private static StringMatcher Service(string mesh, string value) => value == Selector.Any
        ? new StringMatcher { Prefix = SpiffeIds.Prefix(mesh) }
        : new StringMatcher { Exact = SpiffeIds.Of(mesh, value) };

    // Not a prefix: that of the tag 'team' would take in 'team/role' too.
    private static StringMatcher Tag(string tag, string value) => value == Selector.Any
        ? new StringMatcher { SafeRegex = new RegexMatcher { Regex = $"{Regex.Escape(SpiffeIds.OfTag(tag, ""))}[^/]*" } }
        : new StringMatcher { Exact = SpiffeIds.OfTag(tag, value) };
}
