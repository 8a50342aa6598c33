using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Silo.Rest;

/// <summary>Which part of a list a request asks for.</summary>
/// <param name="Offset">How many items come before it.</param>
internal sealed record Page(int Size, int Offset)
{
    private const int DefaultSize = 100;
    private const int LargestSize = 1000;

    /// <summary>Reads <c>size</c> and <c>offset</c>.</summary>
    /// <param name="problem">What is wrong with them, as Kuma words it; null when nothing is.</param>
    public static Page Of(HttpRequest request, out ProblemAnswer? problem)
    {
        problem = null;
        var size = DefaultSize;
        if (request.Query["size"] is [{ } sizeText, ..])
        {
            if (!int.TryParse(sizeText, NumberStyles.None, CultureInfo.InvariantCulture, out size))
                problem = Invalid("Invalid page size", new("size", "invalid format"));
            else if (size is 0 or > LargestSize)
                problem = Invalid("Invalid page size", new("size", $"must be from 1 to {LargestSize}"));
        }

        var offset = 0;
        if (request.Query["offset"] is [{ } offsetText, ..] && !int.TryParse(offsetText, NumberStyles.None, CultureInfo.InvariantCulture, out offset))
            problem = Invalid("Invalid offset", new("offset", "invalid format"));
        return new(size, offset);

        static ProblemAnswer Invalid(string detail, FieldProblem invalid)
            => new(StatusCodes.Status400BadRequest, "Could not retrieve resources", detail, [invalid]);
    }
}

/// <summary>Lists as the API gives them: <c>total</c>, the page's <c>items</c>, and where the <c>next</c> page is.</summary>
internal static class ListAnswer
{
    public static IResult Of<T>(HttpRequest request, IEnumerable<T> all, Func<T, JsonNode> write)
    {
        var page = Page.Of(request, out var problem);
        if (problem is not null)
            return problem;
        var items = all as IReadOnlyCollection<T> ?? all.ToArray();
        var end = page.Offset + (long)page.Size;
        return new JsonAnswer(new JsonObject
        {
            ["total"] = items.Count,
            ["items"] = ApiJson.Array(items.Skip(page.Offset).Take(page.Size).Select(write)),
            ["next"] = end < items.Count ? NextUrl(request, page.Size, end) : null,
        });
    }

    private static string NextUrl(HttpRequest request, int size, long offset)
    {
        var query = QueryString.Create(request.Query.Where(q => q.Key is not "size" and not "offset")
            .Append(new("offset", offset.ToString(CultureInfo.InvariantCulture)))
            .Append(new("size", size.ToString(CultureInfo.InvariantCulture))));
        return $"{request.Scheme}://{request.Host}{request.Path.ToUriComponent()}{query}";
    }
}
