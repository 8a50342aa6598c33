using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>
/// The keys that sign tokens and the tokens that are revoked: of a mesh's proxies below <c>/meshes/{mesh}/dataplane-tokens</c>, of people below
/// <c>/user-tokens</c>; each with <c>signing-keys</c> and <c>revocations</c>. A private key is told to nobody.
/// </summary>
internal sealed class KeyringEndpoints(IGrainFactory grains, ResourceIndex index)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var place in (ReadOnlySpan<string>)["/meshes/{mesh}/dataplane-tokens", "/user-tokens"])
        {
            var (keys, revocations) = ($"{place}/signing-keys", $"{place}/revocations");
            routes.MapGet(keys, context => List(context, Keys).ExecuteAsync(context)).NeedsInMesh(Right.ManageTokens);
            routes.MapPost(keys, async context => await (await AddKey(context)).ExecuteAsync(context)).NeedsInMesh(Right.ManageTokens);
            routes.MapDelete($"{keys}/{{id}}", async context => await (await Change(context, new RemoveSigningKey(context.RouteText("id")!))).ExecuteAsync(context))
                .NeedsInMesh(Right.ManageTokens);
            routes.MapGet(revocations, context => List(context, Revocations).ExecuteAsync(context))
                .NeedsInMesh(Right.ManageTokens);
            routes.MapPost(revocations, async context => await (await Revoke(context)).ExecuteAsync(context)).NeedsInMesh(Right.ManageTokens);
            routes.MapDelete($"{revocations}/{{id}}", async context => await (await Change(context, new LiftRevocations([context.RouteText("id")!]))).ExecuteAsync(context))
                .NeedsInMesh(Right.ManageTokens);
        }
    }

    private TokenKeyring? RingOf(HttpContext context)
        => context.RouteText("mesh") is { } mesh ? index.Current.FindMesh(mesh)?.State.Tokens : index.Current.Access.State.Tokens;

    private IResult List(HttpContext context, Func<TokenKeyring, IEnumerable<JsonObject>> items)
        => RingOf(context) is { } ring ? ListAnswer.Of(context.Request, items(ring), item => item) : NoMesh;

    private static IEnumerable<JsonObject> Revocations(TokenKeyring ring) => ring.Revoked.Select(id => new JsonObject { ["id"] = id });

    private static IEnumerable<JsonObject> Keys(TokenKeyring ring)
        => ring.Keys.Index().Select(k => new JsonObject
        {
            ["keyId"] = k.Item.KeyId,
            ["signs"] = k.Index == ring.Keys.Count - 1,
            ["publicKey"] = PemEncoding.WriteString("PUBLIC KEY", Convert.FromBase64String(k.Item.PublicKey)),
        });

    private async Task<IResult> AddKey(HttpContext context)
    {
        if (RingOf(context) is null)
            return NoMesh;
        var added = context.RouteText("mesh") is { } mesh
            ? await grains.GetGrain<IMeshGrain>(mesh).AddTokenSigningKey(null, context.Caller())
            : await grains.GetGrain<IAccessGrain>(IAccessGrain.Key).AddTokenSigningKey(null, context.Caller());
        return await AnswerTo(added, context, () => new JsonAnswer(Keys(RingOf(context)!).Last(), StatusCodes.Status201Created));
    }

    private async Task<IResult> Revoke(HttpContext context)
    {
        var (text, _, refusal) = await RequestBody.ReadAsync(context.Request);
        if (refusal is not null)
            return refusal;
        var fields = RequestFields.Of(text, "a revocation", out var problem);
        if (problem is not null)
            return ProblemAnswer.Invalid("Invalid request", [problem]);
        var ids = fields.Texts("ids");
        if (ids.Count == 0)
            fields.Report("ids", "expected the jti of at least one token");
        return fields.Problems() is { Count: > 0 } problems ? ProblemAnswer.Invalid("Invalid request", problems) : await Change(context, new RevokeTokens(ids));
    }

    private async Task<IResult> Change(HttpContext context, KeyringCommand command)
    {
        if (RingOf(context) is null)
            return NoMesh;
        var changed = context.RouteText("mesh") is { } mesh
            ? await grains.GetGrain<IMeshGrain>(mesh).ChangeTokens(command, context.Caller())
            : await grains.GetGrain<IAccessGrain>(IAccessGrain.Key).ChangeTokens(command, context.Caller());
        return await AnswerTo(changed, context, () => new JsonAnswer(new JsonObject()));
    }

    // Waits until this server's reads include what was done; or says why nothing was.
    private async Task<IResult> AnswerTo(CommandResult result, HttpContext context, Func<IResult> done)
    {
        switch (result.Outcome)
        {
            case Outcome.NotFound:
                return ProblemAnswer.NotFound("Could not process a token");
            case Outcome.MeshNotFound:
                return NoMesh;
            case Outcome.Refused:
                return ProblemAnswer.Invalid("Could not process a token", result.Problems);
            default:
                await index.WaitForAsync(result.Position, context.RequestAborted);
                return done();
        }
    }

    private static ProblemAnswer NoMesh => ProblemAnswer.NotFound("Failed to retrieve Mesh");
}
