using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Silo.Rest;

/// <summary>The fields of a request that is a JSON object. What is wrong is noted and read as absent; a field that nobody reads is wrong as well.</summary>
internal sealed class RequestFields
{
    private static readonly TimeSpan LongestValidity = TimeSpan.FromDays(3650);

    private readonly JsonObject _fields;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<FieldProblem> _problems = [];
    private readonly string _what;

    private RequestFields(JsonObject fields, string what) => (_fields, _what) = (fields, what);

    /// <param name="what">What it is a request for, such as <c>a dataplane token request</c>.</param>
    /// <param name="problem">Not null when it is no JSON object.</param>
    public static RequestFields Of(string json, string what, out FieldProblem? problem)
    {
        problem = null;
        try
        {
            return new(JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject ?? throw new JsonException("expected an object"), what);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = new("", $"expected a JSON object: {e.Message}");
            return new([], what);
        }
    }

    /// <summary>Everything that is wrong, once all fields that there may be were read.</summary>
    public ValueList<FieldProblem> Problems()
        => _problems.Concat(_fields.Where(f => !_known.Contains(f.Key)).Select(f => new FieldProblem(f.Key, $"is not a field of {_what}"))).ToValueList();

    public void Report(string field, string problem) => _problems.Add(new(field, problem));

    /// <summary>The field's text; empty when there is none.</summary>
    public string Text(string field)
    {
        if (Take(field) is not { } value)
            return "";
        if (TextOf(value) is { } text)
            return text;
        Report(field, "expected text");
        return "";
    }

    /// <summary>As <see cref="Text"/>, where there has to be one.</summary>
    public string NeededText(string field)
    {
        var before = _problems.Count;
        var text = Text(field);
        if (text.Length == 0 && _problems.Count == before)
            Report(field, "cannot be empty");
        return text;
    }

    /// <summary>True or false; false when there is none.</summary>
    public bool Flag(string field)
    {
        if (Take(field) is not { } node)
            return false;
        if (node.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            return node.GetValue<bool>();
        Report(field, "expected true or false");
        return false;
    }

    /// <summary>How long something is to be valid, Go's form of durations among others.</summary>
    public TimeSpan Validity(string field, TimeSpan otherwise)
    {
        var text = Text(field);
        if (text.Length == 0)
            return otherwise;
        if (MeshDurationText.TryParse(text, out var duration) && duration.Value > TimeSpan.Zero && duration.Value <= LongestValidity)
            return duration.Value;
        Report(field, $"is invalid: expected a duration such as 24h0m0s of at most 10 years, found \"{text}\"");
        return default;
    }

    /// <summary>A list of texts, none of them empty; empty when there is none.</summary>
    public ValueList<string> Texts(string field)
    {
        if (Take(field) is not { } node)
            return [];
        if (ValuesOf(node) is { } values)
            return values.ToValueList();
        Report(field, "expected a list of texts, none empty");
        return [];
    }

    /// <summary>An object of such lists, each of them with at least one text; in ordinal order.</summary>
    public ValueList<(string Key, ValueList<string> Values)> TextsByKey(string field)
    {
        if (Take(field) is not { } node)
            return [];
        if (node is not JsonObject map)
        {
            Report(field, "expected an object of lists of values");
            return [];
        }

        return map.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => (e.Key, Values($"{field}[\"{e.Key}\"]", e.Value))).ToValueList();
    }

    private ValueList<string> Values(string field, JsonNode? node)
    {
        if (ValuesOf(node) is { Length: > 0 } values)
            return values.Order(StringComparer.Ordinal).Distinct().ToValueList();
        Report(field, "expected a list of at least one value, none empty");
        return [];
    }

    private static string[]? ValuesOf(JsonNode? node)
        => (node as JsonArray)?.Select(v => TextOf(v) ?? "").ToArray() is { } values && values.All(v => v.Length > 0) ? values : null;

    private JsonNode? Take(string field)
    {
        _known.Add(field);
        return _fields[field];
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
