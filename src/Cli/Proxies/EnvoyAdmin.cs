namespace OrleansMesh.Cli.Proxies;

/// <summary>Envoy's administration interface, at the address that it wrote to the file of <c>--admin-address-path</c>.</summary>
internal static class EnvoyAdmin
{
    /// <summary>
    /// Tells clients to go elsewhere (<c>connection: close</c>, GOAWAY) for the drain time, while listeners stay open: who has not yet heard that the
    /// endpoints are withdrawn is still served.
    /// </summary>
    /// <remarks>https://www.envoyproxy.io/docs/envoy/v1.40.0/operations/admin#post--drain_listeners</remarks>
    public static async Task DrainAsync(string addressFile, CancellationToken cancellation)
    {
        var address = (await File.ReadAllTextAsync(addressFile, cancellation)).Trim();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
        using var answer = await http.PostAsync(new Uri($"http://{address}/drain_listeners?graceful&skip_exit"), null, cancellation);
        answer.EnsureSuccessStatusCode();
    }
}
