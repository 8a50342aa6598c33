using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Meshes;

/// <summary>How the proxies of a mesh stand to its trust, as of one moment of the log.</summary>
/// <param name="Epoch">Of the trust that it is about.</param>
/// <param name="Unconfirmed">Connected proxies that have not said that they hold the present bundle.</param>
/// <param name="InUse">For each retiring authority that has any, the proxies that may hold an unexpired certificate of it.</param>
public sealed record TrustFacts(long Epoch, ValueList<string> Unconfirmed, ValueList<AuthorityUse> InUse)
{
    /// <param name="proxies">All of the mesh, by name, as folded up to the same event as the trust.</param>
    public static TrustFacts Of(MeshTrust trust, IEnumerable<KeyValuePair<string, ProxyState>> proxies, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(proxies);
        var bundle = trust.BundleId();
        var all = proxies.Where(p => p.Value.Dataplane is not null).OrderBy(p => p.Key, StringComparer.Ordinal).ToArray();
        return new TrustFacts(
            trust.Epoch,
            all.Where(p => p.Value.Session is not null && p.Value.Held?.Bundle != bundle).Select(p => p.Key).ToValueList(),
            trust.Retiring
                .Select(a => new AuthorityUse(a.Id, all.Where(p => MayUse(p.Value, a.Id, now)).Select(p => p.Key).ToValueList()))
                .Where(use => use.Proxies.Count > 0)
                .ToValueList());
    }

    /// <summary>The proxies that may hold an unexpired certificate of this authority.</summary>
    public ValueList<string> UsersOf(string authorityId) => InUse.FirstOrDefault(use => use.AuthorityId == authorityId)?.Proxies ?? [];

    // Also of a proxy that is away: it goes on serving with what it has. Its last certificate lives longest; until the proxy has said that it holds
    // that one, it may hold an earlier one.
    private static bool MayUse(ProxyState proxy, string authorityId, DateTimeOffset now)
        => proxy.Certificate is { } last && last.NotAfter > now
        && (last.AuthorityId == authorityId || proxy.Held is not { Authority: { } held } || held == authorityId);
}

/// <summary>An authority and the proxies that may hold an unexpired certificate of it.</summary>
public sealed record AuthorityUse(string AuthorityId, ValueList<string> Proxies);
