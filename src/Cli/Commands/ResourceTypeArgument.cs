using System.CommandLine;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Commands;

/// <summary>A type of resource by any of its names: plural, singular, as in documents, or short.</summary>
internal sealed class ResourceTypeArgument : Argument<ResourceType>
{
    public ResourceTypeArgument()
        : base("TYPE")
    {
        HelpName = "TYPE";
        Description = $"One of {string.Join(", ", ResourceTypes.All.Select(t => t.Plural))}. Singular and short (dp, tp) will do.";
        CompletionSources.Add(_ => ResourceTypes.All.Select(t => new System.CommandLine.Completions.CompletionItem(t.Plural)));
        CustomParser = result =>
        {
            var name = result.Tokens[0].Value;
            if (Find(name) is { } type)
                return type;
            result.AddError($"there is no type of resource '{name}'; there are {string.Join(", ", ResourceTypes.All.Select(t => t.Plural))}");
            return null!;
        };
    }

    /// <summary>The type of that name; null when there is none.</summary>
    public static ResourceType? Find(string name)
        => ResourceTypes.All.FirstOrDefault(type => NamesOf(type).Contains(name, StringComparer.OrdinalIgnoreCase));

    private static IEnumerable<string> NamesOf(ResourceType type) => [type.Plural, type.Singular, type.Name, .. ShortNamesOf(type)];

    private static string[] ShortNamesOf(ResourceType type)
        => type == ResourceTypes.Dataplane ? ["dp", "dps"]
            : type == ResourceTypes.TrafficPermission ? ["tp", "tps"]
            : [];
}
