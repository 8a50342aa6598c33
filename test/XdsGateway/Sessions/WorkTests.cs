using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

/// <summary>How much work a change is: resources that are encoded and messages that are sent. Time is not measured.</summary>
public sealed class WorkTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly string[] Proxies = ["backend-1", "backend-2", "backend-3"];

    private readonly List<(string Counter, string Type)> _counted = [];
    private readonly MeterListener _listener = new();
    private readonly List<AdsClient> _clients = [];
    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync();
        foreach (var counter in (Instrument[])[_gateway.Metrics.Encoded, _gateway.Metrics.Pushes])
            _listener.EnableMeasurementEvents(counter);
        _listener.SetMeasurementEventCallback<long>((counter, _, tags, _) =>
        {
            lock (_counted)
                _counted.Add((counter.Name, (string)tags[0].Value!));
        });
        foreach (var service in (string[])["web", "db"])
            await _gateway.World.Service(service).SetAsync(9001);
        foreach (var proxy in Proxies)
        {
            _gateway.World.Proxy(proxy).View = Views.Of(proxy, "web", "db");
            var client = _gateway.Connect(proxy);
            _clients.Add(client);
            await client.SubscribeAllAsync(null, "web", "db");
            await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert") && client.Holds(XdsType.Route, "web") && client.Holds(XdsType.Endpoints, "db"));
            await client.DrainAsync();
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        _listener.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public void ManyProxiesOfAServiceShareWhatTheyCall()
    {
        Assert.Equal(["Cluster 3", "ClusterLoadAssignment 2", "Listener 5", "RouteConfiguration 2", "Secret 1", "TypedExtensionConfig 3"], Counted("xds.encoded"));
    }

    [Fact]
    public async Task APermissionOfTheWholeMeshEncodesAndSendsOneResourceAProxy()
    {
        await ChangeAsync(() => Task.WhenAll(Proxies.Select(Allow)), "TypedExtensionConfig 3");

        Assert.Equal(["TypedExtensionConfig 3"], Counted("xds.encoded"));

        Task Allow(string proxy)
        {
            var there = _gateway.World.Proxy(proxy);
            return there.ShowAsync(there.View!.Allowing("frontend"));
        }
    }

    [Fact]
    public async Task AnEndpointEncodesOneResourceAndSendsItToEachWhoCalls()
    {
        await ChangeAsync(() => _gateway.World.Service("web").SetAsync(9001, 9002), "ClusterLoadAssignment 3");

        Assert.Equal(["ClusterLoadAssignment 1"], Counted("xds.encoded"));
    }

    [Fact]
    public async Task ADestinationThatTurnsToTcpIsEncodedOnceForAllWhoCall()
    {
        // A cluster that changes is followed by its endpoints, and the route goes.
        await ChangeAsync(() => Task.WhenAll(Proxies.Select(Turn)), "Cluster 3", "ClusterLoadAssignment 3", "Listener 3", "RouteConfiguration 3");

        Assert.Equal(["Cluster 1", "Listener 1"], Counted("xds.encoded"));

        Task Turn(string proxy)
        {
            var there = _gateway.World.Proxy(proxy);
            var outbounds = there.View!.Outbounds;
            return there.ShowAsync(there.View with { Outbounds = [outbounds[0], outbounds[1] with { Protocol = Protocol.Tcp }] });
        }
    }

    [Fact]
    public async Task AViewThatChangesNothingForEnvoySendsNothing()
    {
        await ChangeAsync(() => Task.WhenAll(Proxies.Select(proxy => _gateway.World.Proxy(proxy).ShowAsync(Views.Of(proxy, "web", "db")))));

        Assert.Empty(Counted("xds.encoded"));
    }

    [Fact]
    public async Task AProxyThatReturnsWithAllThatItNeedsIsSentNothing()
    {
        lock (_counted)
            _counted.Clear();
        await using var returned = _gateway.Connect(Proxies[0]);
        await returned.SubscribeAllAsync(_clients[0], "web", "db");
        await returned.DrainAsync();

        Assert.Empty(Counted("xds.pushes"));

        // What nobody shares with it went with its last session.
        Assert.Equal(["Listener 1", "TypedExtensionConfig 1"], Counted("xds.encoded"));
    }

    /// <summary>Makes the change and has every client take what comes of it; then so much was sent, and no more.</summary>
    private async Task ChangeAsync(Func<Task> change, params string[] sent)
    {
        await DrainAsync();
        lock (_counted)
            _counted.Clear();
        await change();
        for (var waited = Stopwatch.StartNew(); !Counted("xds.pushes").SequenceEqual(sent) && waited.Elapsed < Limit;)
            await DrainAsync();
        await DrainAsync();
        Assert.Equal(sent, Counted("xds.pushes"));
    }

    private async Task DrainAsync()
    {
        foreach (var client in _clients)
            await client.DrainAsync();
    }

    /// <summary>How often each type was counted; without the fences that the tests' clients send to know that there is no more.</summary>
    private IReadOnlyList<string> Counted(string counter)
    {
        lock (_counted)
        {
            return
            [
                .. _counted.Where(c => c.Counter == counter && !c.Type.StartsWith("fence", StringComparison.Ordinal))
                    .GroupBy(c => c.Type, (type, all) => $"{type} {all.Count()}").Order(StringComparer.Ordinal),
            ];
        }
    }
}
