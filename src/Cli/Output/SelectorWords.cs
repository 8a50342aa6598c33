using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Cli.Output;

/// <summary>Says in words whom a selector means.</summary>
internal static class SelectorWords
{
    public static string Of(IReadOnlyDictionary<string, string> match)
    {
        var service = match.GetValueOrDefault(TagSet.ServiceTag, Selector.Any);
        var others = match.Where(tag => tag.Key != TagSet.ServiceTag)
            .OrderBy(tag => tag.Key, StringComparer.Ordinal)
            .Select(tag => tag.Value == Selector.Any ? $"any {tag.Key}" : $"{tag.Key}={tag.Value}")
            .ToArray();
        var who = service == Selector.Any ? "every service of the mesh" : service;
        return others.Length == 0 ? who : $"{who} with {string.Join(" and ", others)}";
    }
}
