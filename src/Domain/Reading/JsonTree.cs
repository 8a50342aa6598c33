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
            return new DocumentTree(JsonNode.Parse(text, documentOptions: Options), 1);
        }
        catch (JsonException e)
        {
            var line = (int)(e.LineNumber ?? 0) + 1;
            throw new DocumentSyntaxException($"is not valid JSON: line {line}, column {(e.BytePositionInLine ?? 0) + 1}: {Reason(e)}", line);
        }
    }

    /// <summary>The reason without the position that the message repeats at its end.</summary>
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }
}
