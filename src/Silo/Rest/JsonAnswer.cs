using System.Text.Json.Nodes;

namespace OrleansMesh.Silo.Rest;

/// <summary>An answer with a JSON body.</summary>
internal sealed class JsonAnswer(JsonNode body, int status = StatusCodes.Status200OK) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = ApiJson.ContentType;
        return httpContext.Response.WriteAsync(body.ToJsonString(ApiJson.Options), httpContext.RequestAborted);
    }
}
