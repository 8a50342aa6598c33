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
        if (type == ResourceTypes.AccessRole)
            return (["NAME", "RULES"], role => [Text(role["name"]), string.Join('\n', (role["rules"] as JsonArray ?? []).Select(RuleOf))]);
        if (type == ResourceTypes.AccessRoleBinding)
        {
            return (["NAME", "SUBJECTS", "ROLES"], binding => [
                Text(binding["name"]),
                string.Join('\n', (binding["subjects"] as JsonArray ?? []).Select(s => $"{Text(s?["type"])} {Text(s?["name"])}")),
                TextsOf(binding["roles"], " ")]);
        }

        return (["MESH", "NAME", "SOURCES", "DESTINATIONS"], permission =>
            [Text(permission["mesh"]), Text(permission["name"]), SelectorsOf(permission["sources"]), SelectorsOf(permission["destinations"])]);
    }

    /// <summary>What a rule of a role gives: <c>READ UPDATE on TrafficPermission in default</c>.</summary>
    private static string RuleOf(JsonNode? rule)
        => TextsOf(rule?["access"], " ")
            + (rule?["types"] is { } types ? $" on {TextsOf(types, ", ")}" : "")
            + (rule?["names"] is { } names ? $" named {TextsOf(names, ", ")}" : "")
            + (rule?["mesh"] is { } mesh ? $" in {Text(mesh)}" : "");

    private static string TextsOf(JsonNode? texts, string separator) => string.Join(separator, (texts as JsonArray ?? []).Select(Text));

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
