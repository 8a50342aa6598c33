using Envoy.Config.Endpoint.V3;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Endpoints;
using OrleansMesh.XdsGateway.Tests.Hosting;
using static OrleansMesh.XdsGateway.Ads.AdsVariant;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

/// <summary>One proxy reads its stream no more, so that HTTP/2's flow control stops the server in the middle of a response, while the mesh goes on changing.</summary>
public sealed class SlowReaderTests : IAsyncLifetime
{
    /// <summary>A response with so many endpoints does not fit into the window of a client that does not read.</summary>
    private const int ManyEndpoints = 5000;

    private const int Changes = 1000;

    private Gateway _gateway = null!;

    private WorldService Web => _gateway.World.Service("web");

    public async Task InitializeAsync() => _gateway = await Gateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task OfEndpointsItCostsTheNewestAndDelaysNobody()
    {
        await using var slow = await ConnectedAsync("slow");
        await using var other = await ConnectedAsync("other");
        await StopAsync(other);

        var told = new Told();
        _gateway.Endpoints.Watch("default", Views.Selection("web"), told);
        for (var port = 1; port <= Changes; port++)
        {
            await Web.SetAsync(port);
            var message = (await other.NextAsync())!;
            await other.AckAsync(message);
            Assert.Equal([port], PortsIn(message));
        }

        // The newest, and at most one more that is on its way somewhere.
        Assert.InRange(told.Alive(), 1, 2);
        await slow.AckAsync(await StoppedInTheMiddleOfAsync(slow));
        var newest = (await slow.NextAsync())!;
        await slow.AckAsync(newest);
        Assert.Equal([Changes], PortsIn(newest));
        Assert.Empty(await slow.DrainAsync());
    }

    [Fact]
    public async Task OfPermissionsItCostsTheNewestAndDelaysNobody()
    {
        await using var slow = await ConnectedAsync("slow");
        await using var other = await ConnectedAsync("other");
        await StopAsync(other);

        var told = new Told();
        for (var i = 1; i <= Changes; i++)
        {
            told.Add(await PermitAsync("slow", i));
            await PermitAsync("other", i);
            var message = (await other.NextAsync())!;
            await other.AckAsync(message);
            Assert.Contains(Caller(i), message.Bodies.Values.Single().Value.ToStringUtf8(), StringComparison.Ordinal);
        }

        Assert.InRange(told.Alive(), 1, 2);
        await slow.AckAsync(await StoppedInTheMiddleOfAsync(slow));
        var newest = (await slow.NextAsync())!;
        await slow.AckAsync(newest);
        Assert.Contains(Caller(Changes), newest.Bodies.Values.Single().Value.ToStringUtf8(), StringComparison.Ordinal);
        Assert.Empty(await slow.DrainAsync());
    }

    private static string Caller(int number) => $"caller-{number:0000}";

    /// <summary>A new permission in the view; nothing but the gateway keeps the older ones.</summary>
    private async Task<WeakReference> PermitAsync(string proxy, int number)
    {
        var shown = _gateway.World.Proxy(proxy);
        var view = shown.View!.Allowing(Caller(number));
        await shown.ShowAsync(view);
        return new WeakReference(view);
    }

    /// <summary>The server has a response for the slow one which it cannot get rid of.</summary>
    private async Task StopAsync(AdsClient other)
    {
        await Web.SetAsync([.. Enumerable.Range(10_000, ManyEndpoints)]);
        await other.AckAsync((await other.NextAsync())!);
    }

    private static async Task<AdsMessage> StoppedInTheMiddleOfAsync(AdsClient slow)
    {
        var message = (await slow.NextAsync())!;
        Assert.Equal(ManyEndpoints, PortsIn(message).Count);
        return message;
    }

    private async Task<AdsClient> ConnectedAsync(string proxy)
    {
        _gateway.World.Proxy(proxy).View = Views.Of(proxy, "web");
        await Web.SetAsync(9001);
        // Connections of their own: one that is not read from holds up what else is on it.
        var client = _gateway.Connect(proxy, Delta, _gateway.NewClient());
        await client.SubscribeAllAsync(null, "web");
        await client.UntilAsync(() => client.Held.ContainsKey(XdsType.Listener) && client.Held.ContainsKey(XdsType.Route) && client.Held.ContainsKey(XdsType.Extension)
            && client.Holds(XdsType.Secret, "identity_cert") && client.Holds(XdsType.Secret, "mesh_ca") && client.Holds(XdsType.Endpoints, "web"));
        Assert.Empty(await client.DrainAsync());
        await _gateway.SettledAsync(proxy);
        return client;
    }

    private static IReadOnlyList<int> PortsIn(AdsMessage message)
        => [.. message.Bodies["web"].Unpack<ClusterLoadAssignment>().Endpoints.SelectMany(l => l.LbEndpoints).Select(e => (int)e.Endpoint.Address.SocketAddress.PortValue)];

    /// <summary>What sessions were told, and whether anybody still holds it.</summary>
    private sealed class Told : IEndpointWatcher
    {
        private readonly List<WeakReference> _told = [];

        public void EndpointsAre(EndpointSelection selection, EncodedResource endpoints)
        {
            // What was there before is what the slow one is stopped in the middle of.
            if (endpoints.Body.Length < 1000)
                Add(new WeakReference(endpoints));
        }

        public void Add(WeakReference told)
        {
            lock (_told)
                _told.Add(told);
        }

        public int Alive()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            lock (_told)
                return _told.Count == Changes ? _told.Count(t => t.IsAlive) : throw new InvalidOperationException($"told of {_told.Count} changes");
        }
    }
}
