using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Policies;

/// <summary>Selectors as short text.</summary>
internal static class Selectors
{
    /// <summary><c>tag=value,tag=value|tag=value</c>; empty text: none.</summary>
    public static ValueList<Selector> Parse(string text)
        => text.Length == 0 ? [] : text.Split('|').Select(selector => new Selector(Tags(selector))).ToValueList();

    /// <summary><c>tag=value,tag=value</c>; empty text: none.</summary>
    public static TagSet Tags(string text)
        => text.Length == 0 ? TagSet.Empty : TagSet.Of(text.Split(',').Select(t => t.Split('=')).Select(t => KeyValuePair.Create(t[0], t[1])));
}
