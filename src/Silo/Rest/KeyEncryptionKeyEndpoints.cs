using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.Silo.Access;

namespace OrleansMesh.Silo.Rest;

/// <summary><c>POST /key-encryption-key/rotate</c>: wraps every data key anew under the next key-encryption key, while the server goes on.</summary>
internal sealed class KeyEncryptionKeyEndpoints(KeyRotation rotation, ILogger<KeyRotation> logger)
{
    public void Map(IEndpointRouteBuilder routes)
        => routes.MapPost("/key-encryption-key/rotate", async context => await (await Rotate(context)).ExecuteAsync(context)).Needs(Operation.Administration);

    // A client that goes away stops it between two data keys; asked for again, it goes on.
    private async Task<IResult> Rotate(HttpContext context)
    {
        var (text, _, refusal) = await RequestBody.ReadAsync(context.Request);
        if (refusal is not null)
            return refusal;
        var fields = RequestFields.Of(text.Length == 0 ? "{}" : text, "a rotation of the key-encryption key", out var problem);
        if (problem is not null)
            return ProblemAnswer.Invalid("Invalid request", [problem]);
        var everywhere = fields.Flag("everywhere");
        if (fields.Problems() is { Count: > 0 } problems)
            return ProblemAnswer.Invalid("Invalid request", problems);
        try
        {
            var done = await rotation.RotateAsync(everywhere, context.RequestAborted);
            logger.LogInformation(
                "The key-encryption key is {Key} now: {Count} data keys were wrapped anew, for {Actor}", done.KeyId, done.Rewrapped, context.Caller().Actor);
            var answer = new JsonObject { ["keyId"] = done.KeyId, ["rewrapped"] = done.Rewrapped };
            if (done.Remaining is not null)
                answer["remaining"] = done.Remaining;
            return new JsonAnswer(answer);
        }
        catch (SecretUnavailableException e)
        {
            return new ProblemAnswer(StatusCodes.Status409Conflict, "Could not rotate the key-encryption key", e.Message);
        }
    }
}
