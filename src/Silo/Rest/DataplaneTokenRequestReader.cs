using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Rest;

/// <summary>Reads what <c>POST /tokens/dataplane</c> is sent: <c>name</c>, <c>mesh</c>, <c>tags</c>, <c>type</c>, <c>validFor</c>.</summary>
/// <remarks>Source of the fields: Kuma 2.14. A field that is not known or not supported is an error: it would have narrowed the token.</remarks>
internal static class DataplaneTokenRequestReader
{
    /// <summary>How long a token is valid where the request does not say.</summary>
    private static readonly TimeSpan DefaultValidity = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongestValidity = TimeSpan.FromDays(3650);

    /// <summary>The mesh and what to sign, or everything that is wrong.</summary>
    public static (string Mesh, DataplaneTokenRequest? Request, ValueList<FieldProblem> Problems) Read(string json)
    {
        JsonObject fields;
        try
        {
            fields = JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject ?? throw new JsonException("expected an object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ("", null, [new("", $"expected a JSON object: {e.Message}")]);
        }

        var problems = new List<FieldProblem>();
        var mesh = Text("mesh");
        if (mesh.Length == 0 && !problems.Any(p => p.Field == "mesh"))
            problems.Add(new("mesh", "cannot be empty"));
        var name = Text("name");
        var type = Text("type");
        if (type is not "" and not "dataplane")
            problems.Add(new("type", $"expected dataplane; '{type}' is not supported yet"));
        if (Text("workload").Length > 0)
            problems.Add(new("workload", "is not supported yet"));
        var request = new DataplaneTokenRequest(name, Tags(), type, Validity(Text("validFor")));
        foreach (var (field, _) in fields)
        {
            if (field is not ("mesh" or "name" or "type" or "workload" or "tags" or "validFor"))
                problems.Add(new(field, "is not a field of a dataplane token request"));
        }

        return problems.Count == 0 ? (mesh, request, []) : (mesh, null, problems.ToValueList());

        string Text(string field)
        {
            if (fields[field] is not { } value)
                return "";
            if (TextOf(value) is { } text)
                return text;
            problems.Add(new(field, "expected text"));
            return "";
        }

        TimeSpan Validity(string text)
        {
            if (text.Length == 0)
                return DefaultValidity;
            if (MeshDurationText.TryParse(text, out var duration) && duration.Value > TimeSpan.Zero && duration.Value <= LongestValidity)
                return duration.Value;
            problems.Add(new("validFor", $"is invalid: expected a duration such as 24h0m0s of at most 10 years, found \"{text}\""));
            return default;
        }

        ValueList<TokenTag> Tags()
        {
            if (fields["tags"] is not { } node)
                return [];
            if (node is not JsonObject tags)
            {
                problems.Add(new("tags", "expected an object of lists of values"));
                return [];
            }

            return tags.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new TokenTag(t.Key, Values(t.Key, t.Value))).ToValueList();
        }

        ValueList<string> Values(string tag, JsonNode? node)
        {
            var values = (node as JsonArray)?.Select(v => TextOf(v) ?? "").ToArray();
            if (values is { Length: > 0 } && values.All(v => v.Length > 0))
                return values.Order(StringComparer.Ordinal).Distinct().ToValueList();
            problems.Add(new($"tags[\"{tag}\"]", "expected a list of at least one value, none empty"));
            return [];
        }
    }

    // Half a surrogate pair, such as "\ud800", is JSON and yet no text.
    private static string? TextOf(JsonNode? node)
    {
        try
        {
            return node is JsonValue scalar && scalar.TryGetValue(out string? text) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
