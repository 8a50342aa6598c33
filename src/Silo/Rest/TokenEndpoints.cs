using OrleansMesh.Domain.Access;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>Tokens by which proxies prove what they are, and people who they are. A token is told once and stored nowhere.</summary>
internal sealed class TokenEndpoints(IGrainFactory grains, ResourceIndex index, AccessGate gate)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tokens/dataplane", async context => await (await IssueDataplaneToken(context)).ExecuteAsync(context))
            .Needs(new Operation(Right.GenerateDataplaneToken) { InPart = true });
        routes.MapPost("/tokens/user", async context => await (await IssueUserToken(context)).ExecuteAsync(context)).Needs(new Operation(Right.GenerateUserToken));
    }

    private async Task<IResult> IssueDataplaneToken(HttpContext context)
    {
        var (text, _, refusal) = await RequestBody.ReadAsync(context.Request);
        if (refusal is not null)
            return refusal;
        var (mesh, request, problems) = TokenRequestReader.ReadDataplane(text);
        if (request is null)
            return ProblemAnswer.Invalid("Invalid request", problems);

        // A token for any proxy is one for all of them.
        if (gate.Refusal(context, new Operation(Right.GenerateDataplaneToken, Mesh: mesh, Name: request.Name.Length > 0 ? request.Name : null)) is { } denied)
            return denied;
        if (index.Current.FindMesh(mesh) is null || await grains.GetGrain<IMeshGrain>(mesh).IssueDataplaneToken(request, context.Caller()) is not { } token)
            return ProblemAnswer.NotFound("Failed to retrieve Mesh");
        return Told(context, token);
    }

    private async Task<IResult> IssueUserToken(HttpContext context)
    {
        var (text, _, refusal) = await RequestBody.ReadAsync(context.Request);
        if (refusal is not null)
            return refusal;
        var (request, problems) = TokenRequestReader.ReadUser(text);
        if (request is null)
            return ProblemAnswer.Invalid("Invalid request", problems);
        if (request.Groups.Contains(User.Admin) && !Requester.Of(context).User.IsAdmin)
            return new ProblemAnswer(StatusCodes.Status403Forbidden, "Access Denied", $"access denied: only members of {User.Admin} can make tokens of that group");
        var issued = await grains.GetGrain<IAccessGrain>(IAccessGrain.Key).IssueUserToken(request, context.Caller());
        await index.WaitForAsync(issued.Position, context.RequestAborted);
        return Told(context, issued.Token);
    }

    private static IResult Told(HttpContext context, string token)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(token, "text/plain");
    }
}
