using OrleansMesh.Domain.Resources;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Which resources of a list a request asks for: by <c>name</c>, or by <c>tag=key:value</c>, which may come several times.</summary>
internal static class ResourceFilter
{
    public static IEnumerable<IndexedResource> Filtered(this IEnumerable<IndexedResource> resources, HttpRequest request)
    {
        if (request.Query["name"] is [{ Length: > 0 } name, ..])
            resources = resources.Where(r => r.Resource.Name.Contains(name, StringComparison.OrdinalIgnoreCase));
        foreach (var tag in request.Query["tag"])
        {
            if (tag is { Length: > 0 })
                resources = resources.Where(r => r.Resource is not Dataplane dataplane || HasTag(dataplane, tag));
        }

        return resources;
    }

    // A value may hold colons itself; without a value, the tag has to be there.
    private static bool HasTag(Dataplane dataplane, string tag)
    {
        var separator = tag.IndexOf(':', StringComparison.Ordinal);
        var (key, value) = separator < 0 ? (tag, Selector.Any) : (tag[..separator], tag[(separator + 1)..]);
        return dataplane.Networking.Inbound.Any(i => i.Tags.TryGetValue(key, out var has) && (value == Selector.Any || value == has));
    }
}
