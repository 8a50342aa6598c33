using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>
/// Reads the fields of one object. A value of the wrong kind is noted as a problem and read as absent. When all fields that are known have been
/// read, <see cref="RefuseOthers"/> notes each of the others, so that none is silently ignored. Null means absent, as in Kuma.
/// </summary>
internal sealed class ObjectReader(JsonObject fields, string path, ProblemList problems)
{
    private const string NotSupportedYet = "is a Kuma field that OrleansMesh does not support yet";

    private readonly List<string> _known = [];
    private readonly HashSet<string> _unsupported = new(StringComparer.Ordinal);

    /// <summary>The object's own path.</summary>
    public string Path => path;

    /// <summary>The path of one of the fields.</summary>
    public string PathOf(string name) => FieldPath.Field(path, name);

    public bool Has(string name) => fields[name] is not null;

    /// <summary>Whether there is nothing: no such field, or one with no element or no text.</summary>
    public bool IsEmpty(string name) => fields[name] is null or JsonArray { Count: 0 } or JsonObject { Count: 0 }
        || (fields[name]!.GetValueKind() is JsonValueKind.String && fields[name]!.GetValue<string>().Length == 0);

    public void Report(string name, string message) => problems.Add(PathOf(name), message);

    public string? Text(string name)
    {
        if (Take(name) is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.String)
            return node.GetValue<string>();
        Report(name, NotText(node));
        return null;
    }

    /// <summary>Bytes in base64 (RFC 4648, section 4); line breaks and spaces between the characters do no harm. Problems quote nothing of them.</summary>
    public SecretData? Base64(string name)
    {
        if (Take(name) is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.String && node.GetValue<string>() is var text)
        {
            var bytes = new byte[text.Length];
            if (Convert.TryFromBase64String(text, bytes, out var length))
                return new SecretData(bytes.AsSpan(0, length));
        }

        Report(name, "must be text in base64");
        return null;
    }

    public bool? Boolean(string name)
    {
        if (Take(name) is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            return node.GetValue<bool>();
        Report(name, "must be true or false");
        return null;
    }

    /// <summary>A whole number; one that is not whole or has more than 28 digits is a problem.</summary>
    public decimal? Integer(string name)
    {
        if (Take(name) is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.Number
            && decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.IsInteger(number))
            return number;
        Report(name, node.GetValueKind() is JsonValueKind.String ? "must be a whole number without quotes" : "must be a whole number");
        return null;
    }

    /// <summary>An object's fields; its reader's <see cref="RefuseOthers"/> is still to be called.</summary>
    public ObjectReader? Object(string name)
    {
        if (Take(name) is not { } node)
            return null;
        if (node is JsonObject inner)
            return new ObjectReader(inner, PathOf(name), problems);
        Report(name, "must be an object");
        return null;
    }

    /// <summary>The objects of an array; an absent array is empty.</summary>
    public IReadOnlyList<ObjectReader> Objects(string name)
    {
        if (Take(name) is not { } node)
            return [];
        if (node is not JsonArray array)
        {
            Report(name, "must be a list");
            return [];
        }

        var objects = new List<ObjectReader>(array.Count);
        for (var i = 0; i < array.Count; i++)
        {
            var at = FieldPath.Index(PathOf(name), i);
            if (array[i] is JsonObject inner)
                objects.Add(new ObjectReader(inner, at, problems));
            else
                problems.Add(at, "must be an object");
        }

        return objects;
    }

    /// <summary>The fields of an object in which all should be text; an absent object is empty.</summary>
    public IReadOnlyList<TextEntry> Texts(string name)
    {
        if (Take(name) is not { } node)
            return [];
        if (node is not JsonObject map)
        {
            Report(name, "must be an object");
            return [];
        }

        var entries = new List<TextEntry>(map.Count);
        foreach (var (key, value) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            var at = FieldPath.Key(PathOf(name), key);
            var isText = value?.GetValueKind() is JsonValueKind.String;
            if (!isText)
                problems.Add(at, NotText(value));
            entries.Add(new TextEntry(key, isText ? value!.GetValue<string>() : null, at));
        }

        return entries;
    }

    /// <summary>The texts of an array in which all should be text; an absent array is empty.</summary>
    public ValueList<string> TextList(string name)
    {
        if (Take(name) is not { } node)
            return [];
        if (node is not JsonArray array)
        {
            Report(name, "must be a list");
            return [];
        }

        var texts = new List<string>(array.Count);
        for (var i = 0; i < array.Count; i++)
        {
            if (array[i]?.GetValueKind() is JsonValueKind.String)
                texts.Add(array[i]!.GetValue<string>());
            else
                problems.Add(FieldPath.Index(PathOf(name), i), NotText(array[i]));
        }

        return texts.ToValueList();
    }

    /// <summary>Accepts fields that have no meaning here.</summary>
    public void Accept(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            _known.Add(name);
    }

    /// <summary>Names fields that Kuma defines here and that are not supported.</summary>
    public void NotSupported(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            _unsupported.Add(name);
    }

    /// <summary>Notes each field that has not been read, accepted or named as not supported.</summary>
    public void RefuseOthers()
    {
        foreach (var (name, _) in fields)
        {
            if (_unsupported.Contains(name))
                Report(name, NotSupportedYet);
            else if (!_known.Contains(name))
                Report(name, UnknownName.Message("unknown field", name, _known));
        }
    }

    private JsonNode? Take(string name)
    {
        _known.Add(name);
        return fields[name];
    }

    private static string NotText(JsonNode? node) => node?.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
        ? $"must be a string; put it in quotes: \"{node.ToJsonString()}\""
        : "must be a string";
}

/// <summary>A named text.</summary>
/// <param name="Value">Null where it is not text, which has been noted.</param>
/// <param name="Path">Its path.</param>
internal readonly record struct TextEntry(string Key, string? Value, string Path);
