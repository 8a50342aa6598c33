using System.Net;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Rest;

/// <summary>
/// Keeps web pages away from an API that trusts whoever reaches it: a page must not use the browser of somebody who does. A name that a
/// page's author points at this server (DNS rebinding) is no name of ours, and a request that another site makes says so.
/// </summary>
/// <remarks>Programs other than browsers send neither <c>Origin</c> nor <c>Sec-Fetch-Site</c> (Fetch Standard; Fetch Metadata Request Headers).</remarks>
internal sealed class CrossSiteGuard(ApiConfiguration configuration)
{
    /// <summary>Why the request must not be served; null when it may be.</summary>
    public string? Refusal(HttpRequest request)
    {
        if (!IsOurs(request.Host.Host))
            return $"this server is not called '{request.Host.Host}'; {Settings.ApiHosts.Path} lists further names";
        if (request.Headers.Origin is { Count: > 0 } origin && !(origin.Count == 1 && origin[0] == $"{request.Scheme}://{request.Host}"))
            return "requests that another site's page makes are refused";
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site is not ["same-origin"] and not ["none"])
            return "requests that another site's page makes are refused";
        return null;
    }

    // A numeric address cannot be pointed elsewhere; on loopback it has to be loopback's all the same.
    private bool IsOurs(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && (IPAddress.IsLoopback(address) || !IPAddress.IsLoopback(configuration.Tls.Listener.Address)))
        || configuration.Hosts.Concat(configuration.Tls.Names).Contains(host, StringComparer.OrdinalIgnoreCase);
}
