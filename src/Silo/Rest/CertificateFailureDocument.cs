using System.Text.Json.Nodes;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>That no authority signs for a proxy, as the API says it: <c>backend</c>, <c>reason</c>, <c>since</c>.</summary>
internal static class CertificateFailureDocument
{
    /// <summary>Null where nothing is wrong.</summary>
    public static JsonObject? Of(IndexedProxy proxy) => proxy is { State.CertificateFailure: { } failure, CertificateFailingSince: { } since }
        ? new JsonObject { ["backend"] = failure.Backend, ["reason"] = failure.Reason, ["since"] = ApiJson.Time(since) }
        : null;

    /// <summary>Of many proxies, by backend: for how many it does not sign, since when and why first, and when the first of their certificates ends.
    /// Empty where nothing is wrong.</summary>
    public static JsonObject ByBackend(IEnumerable<IndexedProxy> proxies)
        => new(proxies.Where(p => p.CertificateFailingSince is not null && p.State.CertificateFailure is not null)
            .GroupBy(p => p.State.CertificateFailure!.Backend)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, (JsonNode?)Summary([.. g]))));

    private static JsonObject Summary(IndexedProxy[] failing)
    {
        var first = failing.MinBy(p => p.CertificateFailingSince)!;
        var summary = new JsonObject
        {
            ["total"] = failing.Length,
            ["since"] = ApiJson.Time(first.CertificateFailingSince!.Value),
            ["reason"] = first.State.CertificateFailure!.Reason,
        };
        if (failing.Min(p => p.State.Certificate?.NotAfter) is { } end)
            summary["firstExpiration"] = ApiJson.Time(end);
        return summary;
    }
}
