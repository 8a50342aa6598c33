using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.History;

/// <summary>Finds the values in which two documents differ.</summary>
public static class DocumentDiff
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Value by value, in the order of the documents' fields. What is null counts as not there.</summary>
    public static ValueList<FieldChange> Of(JsonNode? before, JsonNode? after) => Compare(before, after, "").ToValueList();

    private static IEnumerable<FieldChange> Compare(JsonNode? before, JsonNode? after, string path) => (before, after) switch
    {
        (null, null) => [],
        (JsonObject a, JsonObject b) => a.Count + b.Count == 0 ? [] : Fields(a, b, path),
        (JsonArray a, JsonArray b) => a.Count + b.Count == 0 ? [] : Items(a, b, path),
        (JsonValue a, JsonValue b) => JsonNode.DeepEquals(a, b) ? [] : [new(path, Text(a), Text(b))],
        (null, JsonValue b) => [new(path, null, Text(b))],
        (JsonValue a, null) => [new(path, Text(a), null)],
        (null, JsonObject b) => b.Count == 0 ? [new(path, null, "{}")] : Fields([], b, path),
        (JsonObject a, null) => a.Count == 0 ? [new(path, "{}", null)] : Fields(a, [], path),
        (null, JsonArray b) => b.Count == 0 ? [new(path, null, "[]")] : Items([], b, path),
        (JsonArray a, null) => a.Count == 0 ? [new(path, "[]", null)] : Items(a, [], path),
        _ => [.. Compare(before, null, path), .. Compare(null, after, path)],
    };

    private static IEnumerable<FieldChange> Fields(JsonObject before, JsonObject after, string path)
        => before.Select(f => f.Key).Concat(after.Select(f => f.Key).Where(key => !before.ContainsKey(key)))
            .SelectMany(key => Compare(before[key], after[key], Field(path, key)));

    /// <remarks>What is the same at both ends is left out, so that one item that comes or goes shows as that and not as a change of all after it.</remarks>
    private static IEnumerable<FieldChange> Items(JsonArray before, JsonArray after, string path)
    {
        var shorter = Math.Min(before.Count, after.Count);
        var start = 0;
        while (start < shorter && JsonNode.DeepEquals(before[start], after[start]))
            start++;
        var end = 0;
        while (end < shorter - start && JsonNode.DeepEquals(before[^(end + 1)], after[^(end + 1)]))
            end++;
        for (var i = start; i < Math.Max(before.Count, after.Count) - end; i++)
        {
            foreach (var change in Compare(i < before.Count - end ? before[i] : null, i < after.Count - end ? after[i] : null, FieldPath.Index(path, i)))
                yield return change;
        }
    }

    private static string Field(string path, string name)
        => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? FieldPath.Field(path, name) : FieldPath.Key(path, name);

    private static string Text(JsonValue value)
        => value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(Readable);
}
