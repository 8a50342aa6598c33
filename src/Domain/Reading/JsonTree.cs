using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.Domain.Reading;

/// <summary>Reads one JSON document; the same name twice in an object is an error.</summary>
internal static class JsonTree
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = DocumentLimits.Depth, AllowDuplicateProperties = false };

    /// <exception cref="DocumentSyntaxException">The text is not JSON.</exception>
    public static DocumentTree Read(string text)
    {
        try
        {
            var root = JsonNode.Parse(text, documentOptions: Options);
            ReadTexts(root);
            return new DocumentTree(root, 1);
        }
        catch (JsonException e)
        {
            var line = (int)(e.LineNumber ?? 0) + 1;
            throw new DocumentSyntaxException($"is not valid JSON: line {line}, column {(e.BytePositionInLine ?? 0) + 1}: {Reason(e)}", line);
        }
        catch (InvalidOperationException)
        {
            throw new DocumentSyntaxException("is not valid JSON: a text has an escape such as \\ud800, half of a character", 1);
        }
    }

    /// <summary>Reads every text, which the parser leaves for later, though not every one can be.</summary>
    private static void ReadTexts(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (_, value) in fields)
                    ReadTexts(value);
                break;
            case JsonArray items:
                foreach (var item in items)
                    ReadTexts(item);
                break;
            case JsonValue value when value.GetValueKind() is JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
        }
    }

    /// <summary>The reason without the position that the message repeats at its end.</summary>
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }
}
