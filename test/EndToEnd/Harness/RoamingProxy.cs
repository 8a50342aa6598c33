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
    private readonly Dictionary<(string Type, string Name), (string Version, ByteString Bytes)> _held = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _resent;

    private RoamingProxy(IReadOnlyList<ServerProcess> servers, SidecarSpec spec, string token, int first)
    {
        (_servers, Spec, _token) = (servers, spec, token);
        _running = RunAsync(first);
    }

    public SidecarSpec Spec { get; }

    /// <summary>How many resources it was sent in a version that it held.</summary>
    public int Resent => Volatile.Read(ref _resent);

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
                await TalkAsync(client);
            }
            catch (Exception)
            {
                // The server has gone, or is not there yet, or the test is over.
            }

            await Task.Delay(Random.Shared.Next(50, 400), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TalkAsync(XdsClient client)
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
                    if (_held.TryGetValue((response.TypeUrl, resource.Name), out var held) && held.Version == resource.Version)
                        _resent++;
                    _held[(response.TypeUrl, resource.Name)] = (resource.Version, resource.Resource_.ToByteString());
                }

                foreach (var removed in response.RemovedResources)
                    _held.Remove((response.TypeUrl, removed));
            }

            await client.SendAsync(new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce });
        }
    }
}
