using System.Text.Json.Nodes;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Cli.Output;

/// <summary>Resources of one type, a line each.</summary>
internal static class ResourceTable
{
    public static void Write(Terminal terminal, ResourceType type, IReadOnlyList<JsonObject> items)
    {
        if (items.Count == 0)
        {
            terminal.Error.WriteLine($"There are no {type.Plural}.");
            return;
        }

        var (columns, row) = Layout(type);
        TableText.Write(terminal, [.. columns, "AGE"], items.Select(item => (string[])[.. row(item), AgeOf(terminal, item)]));
    }

    private static (string[] Columns, Func<JsonObject, string[]> Row) Layout(ResourceType type)
    {
        if (type == ResourceTypes.Mesh)
            return (["NAME", "MTLS"], mesh => [Text(mesh["name"]), MtlsOf(mesh)]);
        if (type == ResourceTypes.Dataplane)
            return (["MESH", "NAME", "ADDRESS", "TAGS"], proxy => [Text(proxy["mesh"]), Text(proxy["name"]), Text(proxy["networking"]?["address"]), TagsOf(proxy)]);
        if (type == ResourceTypes.Secret)
            return (["MESH", "NAME"], secret => [Text(secret["mesh"]), Text(secret["name"])]);
        if (type == ResourceTypes.GlobalSecret)
            return (["NAME"], secret => [Text(secret["name"])]);
        return (["MESH", "NAME", "SOURCES", "DESTINATIONS"], permission =>
            [Text(permission["mesh"]), Text(permission["name"]), SelectorsOf(permission["sources"]), SelectorsOf(permission["destinations"])]);
    }

    private static string MtlsOf(JsonObject mesh)
        => mesh["mtls"]?["enabledBackend"] is { } backend && Text(backend).Length > 0 ? Text(backend) : "off";

    /// <summary>The tags of each inbound, a line each.</summary>
    private static string TagsOf(JsonObject proxy)
        => string.Join('\n', (proxy["networking"]?["inbound"] as JsonArray ?? []).Select(inbound => PairsOf(inbound?["tags"])));

    private static string SelectorsOf(JsonNode? selectors)
        => string.Join('\n', (selectors as JsonArray ?? []).Select(selector => PairsOf(selector?["match"])));

    private static string PairsOf(JsonNode? tags)
        => string.Join(' ', (tags as JsonObject ?? []).OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={Text(tag.Value)}"));

    private static string AgeOf(Terminal terminal, JsonObject item)
        => DateTimeOffset.TryParse(Text(item["creationTime"]), out var created) ? DurationWords.Short(terminal.Clock.GetUtcNow() - created) : "";

    private static string Text(JsonNode? node) => node?.ToString() ?? "";
}
