using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary><c>POST /proxies/{mesh}/{name}/leave</c>: a proxy that is about to stop has its endpoints withdrawn before it stops.</summary>
internal static class LeaveEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
        => endpoints.MapPost("/proxies/{mesh}/{name}/leave", static async (
            HttpContext context, string mesh, string name, ProxyAuthenticator authenticator, IGrainFactory grains) =>
        {
            var proxy = new ProxyId(mesh, name);
            var (proof, _, _) = await authenticator.ProveAsync(context, ProxyAuthenticator.TokenOf(context.Request), proxy, presented: null);
            if (proof != ProxyProof.Whole)
                return Results.Text(ProxyAuthenticator.PublicRefusal, statusCode: StatusCodes.Status401Unauthorized);
            var position = await grains.GetGrain<IProxyGrain>(proxy.Key).Leave(new Caller($"proxy:{proxy}", Causes.Request(context.TraceIdentifier)));
            return Results.Json(new { position });
        });
}
