using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Sidecars;

/// <summary>What a sidecar came to hold by all that happened, beside what the same proxy is given when it comes with nothing: byte for byte, certificates apart.</summary>
internal static class FreshComparison
{
    private const int Shown = 3;

    /// <returns>Where the two differ, in words; null where they do not.</returns>
    public static string? Difference(string proxy, IReadOnlyDictionary<Reference, Body> held, IReadOnlyDictionary<Reference, Body> fresh)
    {
        string[] differences =
        [
            .. held.Keys.Except(fresh.Keys).Select(r => $"held {r.Type} '{r.Name}', which a fresh connection is not given"),
            .. fresh.Keys.Except(held.Keys).Select(r => $"lacked {r.Type} '{r.Name}', which a fresh connection is given"),
            .. held.Where(h => fresh.TryGetValue(h.Key, out var body) && !IsSame(h.Key.Type, h.Value, body)).Select(h => $"held another {h.Key.Type} '{h.Key.Name}' than a fresh connection is given"),
        ];
        return differences.Length == 0 ? null : $"{proxy} {string.Join("; ", differences.Order(StringComparer.Ordinal).Take(Shown))}"
            + (differences.Length > Shown ? $"; and {differences.Length - Shown} more" : "");
    }

    private static bool IsSame(ResourceType type, Body held, Body fresh)
        => held.Bytes.Span.SequenceEqual(fresh.Bytes.Span)
            || (type == ResourceType.Secret && HeldIdentity.IsCertificate(held) && HeldIdentity.IsCertificate(fresh));
}
