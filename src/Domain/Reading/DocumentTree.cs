using System.Text.Json.Nodes;

namespace OrleansMesh.Domain.Reading;

/// <summary>A document as a tree of JSON.</summary>
/// <param name="Root">Null for the value null.</param>
/// <param name="Line">The line on which it starts, from 1.</param>
internal sealed record DocumentTree(JsonNode? Root, int Line);

/// <summary>Bounds on what is read, so that a small hostile text costs little.</summary>
internal static class DocumentLimits
{
    /// <summary>The longest text, in UTF-16 units.</summary>
    public const int TextLength = 16 * 1024 * 1024;

    /// <summary>The most values in one document, each use of a YAML alias counted in full.</summary>
    public const int Values = 100_000;

    /// <summary>The deepest nesting.</summary>
    public const int Depth = 64;
}

/// <summary>A text is not what its format asks for.</summary>
internal sealed class DocumentSyntaxException(string message, int line) : Exception(message)
{
    /// <summary>The line of the document that is wrong, from 1.</summary>
    public int Line { get; } = line;
}
