using System.Text.RegularExpressions;
using Envoy.Config.Core.V3;
using Envoy.Config.Rbac.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using FsCheck.Xunit;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using HttpRbac = Envoy.Extensions.Filters.Http.Rbac.V3.RBAC;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace OrleansMesh.Translation.Tests;

/// <summary>What Envoy decides by the URIs of a caller's certificate is what the domain decides by its tags.</summary>
[Properties(Arbitrary = [typeof(Views)], MaxTest = 500)]
public class PermissionProperties
{
    [Property]
    public void RBAC_allows_whom_the_permission_allows(Selector source, Selector other, TagSet caller, TagSet callersOtherInbound)
    {
        var permission = new GoverningPermission("p", [source, other], []);
        foreach (var protocol in (Protocol[])[Protocol.Http, Protocol.Tcp])
        {
            var allowed = Rules(Translated(protocol, permission)).Policies.Values.Any(p => p.Principals.Any(id => Matches(id, Uris(caller, callersOtherInbound))));
            Assert.Equal(PermissionMatching.Allows(permission, caller, callersOtherInbound), allowed);
        }
    }

    [Property]
    public void Quarantine_refuses_whom_it_names_and_who_names_nobody_and_changes_nothing_for_others(Selector source, TagSet caller)
    {
        var permission = new GoverningPermission("p", [source], []);
        foreach (var protocol in (Protocol[])[Protocol.Http, Protocol.Tcp])
        {
            var rules = Rules(Translated(protocol, permission, "stolen", "web-1"));
            Assert.Equal(source.Matches(caller), Allows([.. Uris(caller), "orleansmesh://default/web-2"]));
            Assert.False(Allows([.. Uris(caller), "orleansmesh://default/web-1"]));
            Assert.False(Allows([.. Uris(caller), "orleansmesh://default/stolen"]));
            Assert.False(Allows(Uris(caller)));
            Assert.False(Allows([.. Uris(caller), "orleansmesh://other/web-2"]));

            bool Allows(string[] uris) => rules.Policies.Values.Any(p => p.Principals.Any(id => Matches(id, uris)));
        }
    }

    [Property]
    public void The_handshake_turns_away_nobody_whom_the_permission_allows_and_lets_in_only_whom_a_source_means(Selector source, TagSet caller)
    {
        var accepted = Handshake(new("p", [source], [])).Any(matcher => Uris(caller).Any(uri => Matches(matcher, uri)));

        if (source.Matches(caller))
            Assert.True(accepted);
        else if (source.Match.Count == 1)
            Assert.False(accepted);
    }

    [Property]
    public void Without_a_permission_the_handshake_takes_nobody(TagSet caller)
    {
        foreach (var permission in (GoverningPermission?[])[null, new("p", [], [])])
        {
            // None at all would take everybody.
            Assert.NotEmpty(Handshake(permission));
            Assert.DoesNotContain(Handshake(permission), matcher => Uris(caller).Any(uri => Matches(matcher, uri)));
            Assert.Empty(Rules(Translated(Protocol.Tcp, permission)).Policies);
            Assert.Empty(Rules(Translated(Protocol.Http, permission)).Policies);
        }
    }

    private static IEnumerable<StringMatcher> Handshake(GoverningPermission? permission)
    {
        var snapshot = Translated(Protocol.Tcp, permission);
        return EnvoyMessages.Open<Secret>(snapshot.OfType(XdsType.Secret)["callers:10.0.0.1:80"]).ValidationContext.MatchTypedSubjectAltNames.Select(m => m.Matcher);
    }

    private static RBAC Rules(ProxySnapshot snapshot)
    {
        var filter = EnvoyMessages.Open<TypedExtensionConfig>(snapshot.OfType(XdsType.Extension)["permission:10.0.0.1:80"]).TypedConfig;
        var rules = filter.TryUnpack<HttpRbac>(out var http) ? http.Rules : filter.Unpack<NetworkRbac>().Rules;
        Assert.Equal(RBAC.Types.Action.Allow, rules.Action);
        return rules;
    }

    private static ProxySnapshot Translated(Protocol protocol, GoverningPermission? permission, params string[] quarantined) => SnapshotTranslation.Translate(new(
        new("default", "p"),
        new("ca-1", ["spiffe://default/web"], "bundle", TimeSpan.FromDays(1)),
        [new InboundView("10.0.0.1", 80, TagSet.Of((TagSet.ServiceTag, "backend")), protocol, "127.0.0.1", 8080, permission, 0) { Quarantined = [.. quarantined] }],
        []));

    private static string[] Uris(params TagSet[] inbounds)
        => [.. inbounds.Select(tags => $"spiffe://default/{tags.Service}"), .. inbounds.SelectMany(tags => tags).Select(t => $"kuma://{t.Key}/{t.Value}")];

    /// <summary>As Envoy: a certificate is a principal's when any of its URIs matches; matchers match all of the text.</summary>
    private static bool Matches(Principal principal, string[] uris) => principal.IdentifierCase switch
    {
        Principal.IdentifierOneofCase.AndIds => principal.AndIds.Ids.All(id => Matches(id, uris)),
        Principal.IdentifierOneofCase.OrIds => principal.OrIds.Ids.Any(id => Matches(id, uris)),
        Principal.IdentifierOneofCase.NotId => !Matches(principal.NotId, uris),
        Principal.IdentifierOneofCase.Authenticated => uris.Any(uri => Matches(principal.Authenticated.PrincipalName, uri)),
        _ => throw new NotSupportedException($"{principal.IdentifierCase}"),
    };

    private static bool Matches(StringMatcher matcher, string text) => matcher.MatchPatternCase switch
    {
        StringMatcher.MatchPatternOneofCase.Exact => text == matcher.Exact,
        StringMatcher.MatchPatternOneofCase.Prefix => text.StartsWith(matcher.Prefix, StringComparison.Ordinal),
        StringMatcher.MatchPatternOneofCase.SafeRegex => Regex.IsMatch(text, $@"\A(?:{matcher.SafeRegex.Regex})\z"),
        _ => throw new NotSupportedException($"{matcher.MatchPatternCase}"),
    };
}
