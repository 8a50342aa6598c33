using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Tokens by which proxies prove what they are.</summary>
internal sealed class TokenEndpoints(IGrainFactory grains, ResourceIndex index)
{
    public void Map(IEndpointRouteBuilder routes)
        => routes.MapPost("/tokens/dataplane", async context => await (await IssueDataplaneToken(context)).ExecuteAsync(context));

    private async Task<IResult> IssueDataplaneToken(HttpContext context)
    {
        var (text, _, refusal) = await RequestBody.ReadAsync(context.Request);
        if (refusal is not null)
            return refusal;
        var (mesh, request, problems) = DataplaneTokenRequestReader.Read(text);
        if (request is null)
            return ProblemAnswer.Invalid("Invalid request", problems);
        if (index.Current.FindMesh(mesh) is null || await grains.GetGrain<IMeshGrain>(mesh).IssueDataplaneToken(request, context.Caller()) is not { } token)
            return ProblemAnswer.NotFound("Failed to retrieve Mesh");
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(token, "text/plain");
    }
}
