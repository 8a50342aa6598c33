using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Reading;
using OrleansMesh.Silo.Index;
using OrleansMesh.Silo.Rest;

namespace OrleansMesh.Silo.Access;

/// <summary>
/// The one place where requests are let through or not: by who makes them and by what their route says that it needs. A refusal says what is missing and
/// nothing of what there is: it is the same whether or not the resource exists.
/// </summary>
internal sealed class AccessGate(Authentication authentication, ResourceIndex index, ILogger<AccessGate> logger)
{
    /// <summary>Finds out who makes the request; the answer is the refusal of a proof that is not good.</summary>
    public async Task<IResult?> IdentifyAsync(HttpContext context)
    {
        var (user, refusal) = await authentication.ProveAsync(context);
        if (user is null)
        {
            logger.LogWarning("Refused a request from {Remote}: {Reason} ({Request})", context.Connection.RemoteIpAddress, refusal, context.TraceIdentifier);
            return Unauthenticated(context, "Invalid authentication data", "the token or certificate is not good");
        }

        context.Features.Set(new Requester(user, Authorization.Of(user, index.Current.Access.State)));
        return null;
    }

    /// <summary>Why the request may not go on to its endpoint; null when it may.</summary>
    public IResult? Refusal(HttpContext context)
    {
        // What routing answers by itself, such as that a method is not served, is no endpoint of ours.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
            return null;
        if (endpoint.Metadata.GetMetadata<RequiredAccess>() is not { } required)
        {
            logger.LogError("The route {Route} does not say what it needs, so it is refused to everybody", endpoint.RoutePattern.RawText);
            return new ProblemAnswer(StatusCodes.Status403Forbidden, "Access Denied", "this route does not say what it needs, so nobody may use it");
        }

        foreach (var operation in required.All(context))
        {
            if (Refusal(context, operation) is { } refusal)
                return refusal;
        }

        return required.Written is { } written ? RefusalToWrite(context, written(context)) : null;
    }

    /// <summary>Why the request may not do this; null when it may. For what only its body says.</summary>
    public IResult? Refusal(HttpContext context, Operation operation)
        => Requester.Of(context).Rights.Decide(operation) is { Missing: { } missing } ? Denied(context, missing) : null;

    private ProblemAnswer? RefusalToWrite(HttpContext context, ResourceAddress address)
    {
        var rights = Requester.Of(context).Rights;
        var update = rights.Decide(Operation.With(Right.Update, address.Type, address.Mesh, address.Name));
        var create = rights.Decide(Operation.With(Right.Create, address.Type, address.Mesh, address.Name));
        if (update.IsAllowed && create.IsAllowed)
            return null;
        if (!update.IsAllowed && !create.IsAllowed)
            return Denied(context, update.Missing!.Replace($"needs {Right.Update.NameOf()} ", $"needs {Right.Create.NameOf()} or {Right.Update.NameOf()} ", StringComparison.Ordinal));

        // Whoever may do one of the two may know which of them it is.
        var exact = IndexedResource.Find(index.Current, address.Type, address.Mesh, address.Name) is null ? create : update;
        return exact.IsAllowed ? null : Denied(context, exact.Missing!);
    }

    private ProblemAnswer Denied(HttpContext context, string missing)
    {
        logger.LogInformation("Denied {Method} {Path}: {Missing} ({Request})", context.Request.Method, context.Request.Path.ToUriComponent(), missing, context.TraceIdentifier);
        return Requester.Of(context).User.IsAuthenticated
            ? new ProblemAnswer(StatusCodes.Status403Forbidden, "Access Denied", $"access denied: {missing}")
            : Unauthenticated(context, "Could not authenticate", $"expected a token or a client certificate: {missing}");
    }

    private static ProblemAnswer Unauthenticated(HttpContext context, string title, string detail)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return new(StatusCodes.Status401Unauthorized, title, detail);
    }
}
