using Envoy.Service.Discovery.V3;
using Google.Protobuf;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A proxy without an Envoy: it asks for all that there is for it, keeps it, and when its server goes it goes on to the next, saying what it holds.</summary>
internal sealed class RoamingProxy : IAsyncDisposable
{
    private static readonly string[] Types =
    [
        XdsClient.ClusterType,
        "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
        XdsClient.SecretType,
        "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
        "type.googleapis.com/envoy.config.listener.v3.Listener",
        "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    ];

    private readonly IReadOnlyList<ServerProcess> _servers;
    private readonly string _token;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Type, string Name), (string Version, ByteString Bytes, int Connection)> _held = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _resent = [];
    private readonly Task _running;

    private RoamingProxy(IReadOnlyList<ServerProcess> servers, SidecarSpec spec, string token, int first)
    {
        (_servers, Spec, _token) = (servers, spec, token);
        _running = RunAsync(first);
    }

    public SidecarSpec Spec { get; }

    /// <summary>
    /// What it was sent in a version that it held from an earlier connection. Endpoints and routes go again with the cluster or listener that they belong to when that
    /// changes, since Envoy waits for them then; those are left out.
    /// </summary>
    public IReadOnlyList<string> Resent
    {
        get
        {
            lock (_gate)
                return [.. _resent];
        }
    }

    /// <param name="first">The server that it tries first.</param>
    public static RoamingProxy Start(IReadOnlyList<ServerProcess> servers, SidecarSpec spec, string token, int first) => new(servers, spec, token, first);

    /// <summary>Everything that it holds, by type and name: version and content. Not the certificate, which each connection that has none gets anew.</summary>
    public SortedDictionary<string, string> Content()
    {
        lock (_gate)
        {
            return new(
                _held.Where(h => h.Key.Name != "identity_cert").ToDictionary(
                    h => $"{h.Key.Type} {h.Key.Name}", h => $"{h.Value.Version} {Convert.ToHexString(h.Value.Bytes.Span)}"),
                StringComparer.Ordinal);
        }
    }

    /// <summary>Goes, and takes nothing back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await _running;
    }

    private async Task RunAsync(int next)
    {
        for (; !_stop.IsCancellationRequested; next++)
        {
            try
            {
                await using var client = XdsClient.Connect(_servers[next % _servers.Count], _token);
                await using var ended = _stop.Token.Register(() => _ = client.DisposeAsync().AsTask());
                await TalkAsync(client, next);
            }
            catch (Exception)
            {
                // The server has gone, or is not there yet, or the test is over.
            }

            await Task.Delay(Random.Shared.Next(50, 400), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool OwnersChangedIn(int connection)
        => _held.Any(h => h.Value.Connection == connection && (h.Key.Type == XdsClient.ClusterType || h.Key.Type.EndsWith(".Listener", StringComparison.Ordinal)));

    private async Task TalkAsync(XdsClient client, int connection)
    {
        foreach (var type in Types)
        {
            var request = new DeltaDiscoveryRequest { Node = XdsClient.NodeOf(Spec), TypeUrl = type, ResourceNamesSubscribe = { "*" } };
            lock (_gate)
                request.InitialResourceVersions.Add(_held.Where(h => h.Key.Type == type).ToDictionary(h => h.Key.Name, h => h.Value.Version));
            await client.SendAsync(request);
        }

        while (await client.ReceiveAsync() is { } response)
        {
            lock (_gate)
            {
                foreach (var resource in response.Resources)
                {
                    var key = (response.TypeUrl, resource.Name);
                    if (_held.TryGetValue(key, out var held) && held.Version == resource.Version && held.Connection < connection && !OwnersChangedIn(connection))
                        _resent.Add($"{response.TypeUrl} {resource.Name} {resource.Version}");
                    _held[key] = (resource.Version, resource.Resource_.ToByteString(), connection);
                }

                foreach (var removed in response.RemovedResources)
                    _held.Remove((response.TypeUrl, removed));
            }

            await client.SendAsync(new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce });
        }
    }
}
