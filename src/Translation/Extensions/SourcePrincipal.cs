using System.Text.RegularExpressions;
using Envoy.Config.Rbac.V3;
using Envoy.Type.Matcher.V3;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Translation.Extensions;

/// <summary>
/// A permission's source as an Envoy principal. A certificate bears every tag of its workload as a URI of its own, and Envoy takes a
/// principal for given when any of them matches; several tags must all be given.
/// </summary>
internal static class SourcePrincipal
{
    public static Principal Of(string mesh, Selector source)
    {
        var tags = source.Match.Select(tag => OfTag(mesh, tag.Key, tag.Value)).ToList();
        return tags switch
        {
            [] => Authenticated(Service(mesh, Selector.Any)),
            [var only] => only,
            _ => new Principal { AndIds = new Principal.Types.Set { Ids = { tags } } },
        };
    }

    private static Principal OfTag(string mesh, string tag, string value)
        => Authenticated(tag == TagSet.ServiceTag ? Service(mesh, value) : Tag(tag, value));

    private static StringMatcher Service(string mesh, string value) => value == Selector.Any
        ? new StringMatcher { Prefix = SpiffeIds.Prefix(mesh) }
        : new StringMatcher { Exact = SpiffeIds.Of(mesh, value) };

    // Not a prefix: that of the tag 'team' would take in 'team/role' too.
    private static StringMatcher Tag(string tag, string value) => value == Selector.Any
        ? new StringMatcher { SafeRegex = new RegexMatcher { Regex = $"{Regex.Escape(SpiffeIds.OfTag(tag, ""))}[^/]*" } }
        : new StringMatcher { Exact = SpiffeIds.OfTag(tag, value) };

    private static Principal Authenticated(StringMatcher name)
        => new() { Authenticated = new Principal.Types.Authenticated { PrincipalName = name } };
}
