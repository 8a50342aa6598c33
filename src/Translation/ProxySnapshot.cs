using System.Collections.Immutable;

namespace OrleansMesh.Translation;

/// <summary>
/// A proxy's Envoy resources, encoded, without the endpoints of the services that it calls and without its certificate: those change
/// on their own and are joined by who streams them (<see cref="Endpoints.EndpointTranslation"/>, <see cref="Secrets.SecretTranslation"/>).
/// </summary>
public sealed class ProxySnapshot
{
    internal static readonly ProxySnapshot Empty = new([]);

    internal ProxySnapshot(IReadOnlyList<TranslatedPart> parts) => Parts = parts;

    internal IReadOnlyList<TranslatedPart> Parts { get; }

    /// <summary>The resources of one of the types of <see cref="XdsType"/>, by name, in ordinal order. Empty when there is none.</summary>
    public ImmutableSortedDictionary<string, EncodedResource> OfType(string typeUrl) => Parts
        .SelectMany(part => part.Resources)
        .Where(r => r.TypeUrl == typeUrl)
        .Select(r => r.Resource)
        .Distinct()
        .ToImmutableSortedDictionary(r => r.Name, r => r, StringComparer.Ordinal);

    /// <summary>What is new or has changed since then, and what is no more. Costs work for the parts that differ.</summary>
    /// <param name="before">Null: everything is new.</param>
    public SnapshotDifference Since(ProxySnapshot? before)
    {
        before ??= Empty;
        var gone = Without(before.Parts, Parts).Distinct().SelectMany(part => part.Resources).ToDictionary(r => (r.TypeUrl, r.Resource.Name), r => r.Resource.Version);
        List<(string TypeUrl, EncodedResource Resource)> upserted = [];
        foreach (var (type, resource) in Without(Parts, before.Parts).Distinct().SelectMany(part => part.Resources))
        {
            if (!gone.Remove((type, resource.Name), out var version) || version != resource.Version)
                upserted.Add((type, resource));
        }

        return new SnapshotDifference(upserted, [.. gone.Keys.Where(r => !Parts.Any(part => part.Has(r.TypeUrl, r.Name)))]);
    }

    private static IEnumerable<TranslatedPart> Without(IReadOnlyList<TranslatedPart> parts, IReadOnlyList<TranslatedPart> others)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            // Most often each part is where it was.
            if ((i >= others.Count || !ReferenceEquals(parts[i], others[i])) && !others.Contains(parts[i]))
                yield return parts[i];
        }
    }
}

/// <summary>What differs between two snapshots of a proxy.</summary>
/// <param name="Upserted">New, or of another version than before.</param>
/// <param name="Removed">There before, and no more.</param>
public sealed record SnapshotDifference(
    IReadOnlyList<(string TypeUrl, EncodedResource Resource)> Upserted,
    IReadOnlyList<(string TypeUrl, string Name)> Removed)
{
    /// <summary>Whether resources of the type differ.</summary>
    public bool Concerns(string typeUrl)
    {
        foreach (var (type, _) in Upserted)
        {
            if (type == typeUrl)
                return true;
        }

        foreach (var (type, _) in Removed)
        {
            if (type == typeUrl)
                return true;
        }

        return false;
    }
}
