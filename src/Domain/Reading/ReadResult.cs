using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Reading;

/// <summary>What came of reading one document: a valid resource, or everything that is wrong with it.</summary>
/// <param name="Resource">Null when there are problems.</param>
/// <param name="Problems">In the order of the document's fields; field paths are those of the form in which the document is written.</param>
public sealed record ReadResult(IResource? Resource, ValueList<FieldProblem> Problems)
{
    /// <summary>The type that the document names, as far as it could be read.</summary>
    public ResourceType? Type { get; init; }

    /// <summary>The name that the document gives, as far as it could be read.</summary>
    public string? Name { get; init; }

    /// <summary>The line on which the document starts, from 1; 0 when it was not read from text.</summary>
    public int Line { get; init; }
}
