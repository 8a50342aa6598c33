using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation.Secrets;

/// <summary>
/// Who may finish the handshake with a TCP inbound: those that its permission allows. Envoy asks network RBAC when the caller's
/// first byte arrives (envoyproxy/envoy#9023), and until then passes on what the workload says: a database's greeting would reach anybody.
/// A source of several tags asks for one of them here, since one URI that fits is enough for a handshake; RBAC asks for all.
/// </summary>
internal static class CallerTrust
{
    public static Secret Of(string mesh, InboundView inbound, string trustBundle) => new()
    {
        Name = ResourceNames.Callers(inbound),
        ValidationContext = new CertificateValidationContext
        {
            TrustedCa = new DataSource { InlineString = trustBundle },
            MatchTypedSubjectAltNames = { Callers(mesh, inbound).Select(SecretTranslation.Uri) },
        },
    };

    private static IEnumerable<StringMatcher> Callers(string mesh, InboundView inbound)
    {
        if (inbound.Permission is { Sources.Count: > 0 } permission)
            return permission.Sources.Select(source => Narrowest(CallerIdentities.Of(mesh, source))).Distinct();
        // Without any matcher everybody of the mesh would do. No identity is that of a service without a name.
        return [new StringMatcher { Exact = SpiffeIds.Prefix(mesh) }];
    }

    private static StringMatcher Narrowest(IReadOnlyList<StringMatcher> matchers)
        => matchers.FirstOrDefault(m => m.MatchPatternCase == StringMatcher.MatchPatternOneofCase.Exact) ?? matchers[0];
}
