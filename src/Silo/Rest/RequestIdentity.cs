using System.Diagnostics;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Access;

namespace OrleansMesh.Silo.Rest;

/// <summary>Who makes a request, and the request's name in events and logs.</summary>
internal static class RequestIdentity
{
    private const string Header = "X-Request-Id";

    /// <summary>Who makes the request, for the events that follow.</summary>
    public static Caller Caller(this HttpContext context) => new($"user:{Requester.Of(context).User.Name}", context.TraceIdentifier);

    /// <summary>Names the request: by the trace that it belongs to, or anew. The client is told.</summary>
    public static void Identify(this HttpContext context)
    {
        context.TraceIdentifier = ActivityContext.TryParse(context.Request.Headers.TraceParent, null, out var trace)
            ? Causes.Trace(trace.TraceId.ToString())
            : Causes.Request(Guid.CreateVersion7().ToString("N"));
        context.Response.Headers[Header] = context.TraceIdentifier;
    }
}
