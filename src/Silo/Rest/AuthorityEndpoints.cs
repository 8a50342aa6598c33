using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Events;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Authorities;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary><c>/meshes/{mesh}/authorities</c>: a mesh's authorities, how far a change of them is, and what the operator wants of it.</summary>
internal sealed class AuthorityEndpoints(ResourceIndex index, IGrainFactory grains, AuthorityHealthBoard board, TimeProvider time)
{
    private const string Path = "/meshes/{mesh}/authorities";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, context => Show(context.RouteText("mesh")!).ExecuteAsync(context)).NeedsInMesh(Right.ManageAuthorities);
        foreach (var control in Enum.GetValues<RotationControl>())
        {
            var verb = control.ToString().ToLowerInvariant();
            routes.MapPost($"{Path}/{verb}", async context => await (await ControlAsync(context, control)).ExecuteAsync(context))
                .NeedsInMesh(Right.ManageAuthorities);
        }
    }

    private IResult Show(string name)
        => index.Current.FindMesh(name) is { } mesh
            ? new JsonAnswer(AuthorityStatus.Write(mesh, board, time.GetUtcNow()))
            : ProblemAnswer.NotFound("Failed to retrieve Mesh");

    private async Task<IResult> ControlAsync(HttpContext context, RotationControl control)
    {
        var name = context.RouteText("mesh")!;
        if (index.Current.FindMesh(name) is not { } mesh)
            return ProblemAnswer.NotFound("Failed to retrieve Mesh");
        var facts = AuthorityKeeper.TrustFactsOf(mesh, time.GetUtcNow());
        var result = await grains.GetGrain<IMeshGrain>(name).ControlRotation(control, facts, context.Caller());
        switch (result.Outcome)
        {
            case Outcome.MeshNotFound:
                return ProblemAnswer.NotFound("Failed to retrieve Mesh");
            case Outcome.Refused:
                return new ProblemAnswer(
                    StatusCodes.Status409Conflict,
                    $"Could not {control.ToString().ToLowerInvariant()} the change of authorities",
                    string.Join("; ", result.Problems.Select(p => $"{p.Field} {p.Message}")));
            default:
                await index.WaitForAsync(result.Position, context.RequestAborted);
                return Show(name);
        }
    }
}
