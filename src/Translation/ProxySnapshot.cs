using System.Collections.Immutable;

namespace OrleansMesh.Translation;

/// <summary>
/// A proxy's Envoy resources, encoded, without the endpoints of the services that it calls and without its certificate: those change
/// on their own and are joined by who streams them (<see cref="Endpoints.EndpointTranslation"/>, <see cref="Secrets.SecretTranslation"/>).
/// </summary>
public sealed class ProxySnapshot
{
    private static readonly ImmutableSortedDictionary<string, EncodedResource> None
        = ImmutableSortedDictionary.Create<string, EncodedResource>(StringComparer.Ordinal);

    private readonly Dictionary<string, ImmutableSortedDictionary<string, EncodedResource>> _byType;

    internal ProxySnapshot(IEnumerable<(string TypeUrl, EncodedResource Resource)> resources)
        => _byType = resources
            .GroupBy(r => r.TypeUrl, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToImmutableSortedDictionary(r => r.Resource.Name, r => r.Resource, StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>The resources of one of the types of <see cref="XdsType"/>, by name, in ordinal order. Empty when there is none.</summary>
    public ImmutableSortedDictionary<string, EncodedResource> OfType(string typeUrl) => _byType.GetValueOrDefault(typeUrl, None);
}
