using OrleansMesh.Domain.Reading;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Tests.Reading;

/// <summary>Reads documents in tests.</summary>
internal static class Read
{
    /// <summary>The one valid resource of the text.</summary>
    public static IResource Valid(string text)
    {
        var result = Assert.Single(ResourceReader.Read(text));
        Assert.Empty(result.Problems);
        return result.Resource!;
    }

    /// <summary>The problems of the one document of the text, each as <c>field: message</c>.</summary>
    public static string[] Problems(string text)
    {
        var result = Assert.Single(ResourceReader.Read(text));
        Assert.Null(result.Resource);
        return [.. result.Problems.Select(p => p.ToString())];
    }
}
