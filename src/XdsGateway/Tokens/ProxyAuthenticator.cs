using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>Decides whether a proxy is what it says. Why it is not goes to the log; the proxy itself is told nothing but that it is refused.</summary>
public sealed class ProxyAuthenticator(DataplaneTokenVerifier tokens, IGrainFactory grains, GatewayMetrics metrics, ILogger<ProxyAuthenticator> logger)
{
    /// <summary>What a refused proxy is told, whatever the reason.</summary>
    public const string PublicRefusal = "authentication failed";

    /// <param name="presented">The Dataplane that came with the request; null: the stored one counts.</param>
    /// <returns>Whether the request comes from that proxy, the Dataplane that its token was held against, if there was one, and what is remembered
    /// of the token, if it is good.</returns>
    public async Task<(ProxyProof Proof, Dataplane? Dataplane, TokenIdentity? Token)> ProveAsync(HttpContext request, string? token, ProxyId proxy, Dataplane? presented)
    {
        if (!proxy.IsWellFormed)
        {
            Refused(request, default, "it gave names that no mesh and no proxy can have");
            return (ProxyProof.None, null, null);
        }

        var (claims, refusal) = await tokens.VerifyAsync(token, proxy.Mesh);
        if (claims is null)
        {
            Refused(request, proxy, refusal!);
            return (ProxyProof.None, null, null);
        }

        var dataplane = presented ?? await grains.GetGrain<IProxyGrain>(proxy.Key).GetDataplane();
        refusal = dataplane is null ? "it presented no Dataplane, and there is none of that name" : claims.Contradiction(proxy, dataplane);
        if (refusal is null)
            return (ProxyProof.Whole, dataplane, claims.Token);
        Refused(request, proxy, refusal);
        return (dataplane is null && claims.Mesh == proxy.Mesh && claims.Name == proxy.Name ? ProxyProof.WithoutDataplane : ProxyProof.None, dataplane, null);
    }

    /// <summary>Logs and counts a refusal.</summary>
    public void Refused(HttpContext request, ProxyId proxy, string reason)
    {
        metrics.AuthenticationFailures.Add(1);
        logger.LogWarning("Refused proxy {Proxy} from {Remote}: {Reason}", proxy, request.Connection.RemoteIpAddress, reason);
    }

    /// <summary>The token that a request carries: the header <c>authorization</c>, with or without <c>Bearer</c>.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : header;
    }
}

/// <summary>What a proxy could prove.</summary>
public enum ProxyProof
{
    /// <summary>Nothing: it is told no more than that.</summary>
    None,

    /// <summary>That its token is for the proxy of this very name; but there is no Dataplane of that name to hold the rest of the token against.</summary>
    WithoutDataplane,

    /// <summary>That it is the proxy of that name, with that Dataplane.</summary>
    Whole,
}
