using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Silo.Rest;

/// <summary>An answer that says what is wrong: RFC 7807's problem document as Kuma 2.14 writes it, which says some things twice, for its older
/// clients: <c>details</c> and <c>causes</c>.</summary>
/// <param name="title">What could not be done.</param>
/// <param name="detail">Why.</param>
/// <param name="invalid">Every field that is wrong.</param>
internal sealed class ProblemAnswer(int status, string title, string detail, ValueList<FieldProblem>? invalid = null) : IResult
{
    public static ProblemAnswer NotFound(string title) => new(StatusCodes.Status404NotFound, title, "Not found");

    public static ProblemAnswer Invalid(string title, ValueList<FieldProblem> invalid)
        => new(StatusCodes.Status400BadRequest, title, "Resource is not valid", invalid);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var document = new JsonObject
        {
            ["type"] = "/std-errors",
            ["status"] = status,
            ["title"] = title,
            ["detail"] = detail,
        };
        if (invalid is not null)
            document["invalid_parameters"] = ApiJson.Array(invalid.Select(p => (JsonNode)new JsonObject { ["field"] = p.Field, ["reason"] = p.Message }));
        document["details"] = detail;
        if (invalid is not null)
            document["causes"] = ApiJson.Array(invalid.Select(p => (JsonNode)new JsonObject { ["field"] = p.Field, ["message"] = p.Message }));
        await new JsonAnswer(document, status).ExecuteAsync(httpContext);
    }
}
