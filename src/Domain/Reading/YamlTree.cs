using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrleansMesh.Domain.Reading;

/// <summary>
/// Reads YAML documents as trees of JSON. Scalars follow the core schema of YAML 1.2; a key that appears twice is an error; each use of an
/// alias counts in full, so that nested aliases cannot grow without bound.
/// </summary>
internal sealed class YamlTree
{
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, (JsonNode? Node, int Values)> _anchors = [];
    private int _values;

    private YamlTree(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>The documents one after the other; those that are empty are left out.</summary>
    /// <exception cref="DocumentSyntaxException">The text is not YAML from there on; the documents before have been returned.</exception>
    public static IEnumerable<DocumentTree> Read(string text)
    {
        var tree = new YamlTree(text);
        while (tree.NextDocument() is { } document)
        {
            if (document.Root is not null)
                yield return document;
        }
    }

    private DocumentTree? NextDocument()
    {
        try
        {
            _parser.TryConsume<StreamStart>(out _);
            if (_parser.Accept<StreamEnd>(out _))
                return null;
            _parser.Consume<DocumentStart>();
            _anchors.Clear();
            _values = 0;
            var line = Line(_parser.Current!.Start);
            var root = ReadValue(depth: 0);
            _parser.Consume<DocumentEnd>();
            return new DocumentTree(root, line);
        }
        catch (YamlException e)
        {
            throw SyntaxError(e.Start, e.InnerException is YamlException inner ? inner.Message : e.Message);
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 16.3's scanner answers some broken flow mappings with this and no position.
            throw SyntaxError(_parser.Current?.End ?? Mark.Empty, "what follows could not be understood");
        }
    }

    private JsonNode? ReadValue(int depth)
    {
        if (depth > DocumentLimits.Depth)
            throw SyntaxError(_parser.Current!.Start, $"nested more than {DocumentLimits.Depth} levels deep");
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return Resolve(alias);

        var before = _values;
        Count(1, _parser.Current!.Start);
        NodeEvent start;
        JsonNode? node;
        if (_parser.TryConsume<Scalar>(out var scalar))
            (start, node) = (scalar, ToJson(scalar));
        else if (_parser.TryConsume<SequenceStart>(out var sequence))
            (start, node) = (sequence, ReadSequence(depth));
        else
            (start, node) = (_parser.Consume<MappingStart>(), ReadMapping(depth));
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor] = (node, _values - before);
        return node;
    }

    private JsonArray ReadSequence(int depth)
    {
        var array = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            array.Add(ReadValue(depth + 1));
        return array;
    }

    private JsonObject ReadMapping(int depth)
    {
        var fields = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current!.Start;
            if (!_parser.TryConsume<Scalar>(out var key))
                throw SyntaxError(at, "a key must be plain text");
            var value = ReadValue(depth + 1);
            if (!fields.TryAdd(key.Value, value))
                throw SyntaxError(at, $"the key '{key.Value}' appears twice");
        }

        return fields;
    }

    private JsonNode? Resolve(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var anchored))
            throw SyntaxError(alias.Start, $"the alias '*{alias.Value}' has no anchor before it");
        Count(anchored.Values, alias.Start);
        return anchored.Node?.DeepClone();
    }

    private void Count(int values, Mark at)
    {
        _values += values;
        if (_values > DocumentLimits.Values)
            throw SyntaxError(at, $"more than {DocumentLimits.Values} values in one document, aliases counted in full");
    }

    private static JsonValue? ToJson(Scalar scalar)
    {
        try
        {
            return YamlCoreSchema.ToJson(scalar);
        }
        catch (FormatException e)
        {
            throw SyntaxError(scalar.Start, e.Message);
        }
    }

    private static int Line(Mark at) => (int)at.Line;

    private static DocumentSyntaxException SyntaxError(Mark at, string message)
        => new($"is not valid YAML: line {at.Line}, column {at.Column}: {message}", Line(at));
}
