using OrleansMesh.Domain.Access;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Transfer;
using OrleansMesh.Silo.Access;

namespace OrleansMesh.Silo.Rest;

/// <summary><c>GET /log/export</c>: the whole log in its exported form, while the server goes on.</summary>
internal sealed class LogEndpoints(IEventStore events, IDataKeyStore keys, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/log/export", Export).Needs(Operation.Administration);

    // What fails after the first line can be told by no status any more: the connection is broken off, and the file has no trailer.
    private async Task Export(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        await LogExport.WriteAsync(events, keys, context.Response.Body, time.GetUtcNow(), context.RequestAborted);
    }
}
