using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Sessions;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

/// <summary>More proxies connect at once than are let in at a time, and what they need takes until the test says so.</summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private const int Many = 3 * Admissions.ConnectsAtATime;

    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Gateway _gateway = null!;
    private int _underWay;
    private int _mostUnderWay;

    public async Task InitializeAsync() => _gateway = await Gateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task AllGetInAFewAtATimeAndWhoIsInHearsOfChangesMeanwhile()
    {
        await _gateway.World.Service("web").SetAsync(9001);
        _gateway.World.Proxy("there").View = Views.Of("there", "web");
        await using var there = _gateway.Connect("there");
        await there.SubscribeAllAsync(null, "web");
        await there.UntilAsync(() => there.Holds(XdsType.Endpoints, "web") && there.Held.ContainsKey(XdsType.Route) && there.Held.ContainsKey(XdsType.Listener));
        await there.DrainAsync();

        var all = Enumerable.Range(0, Many).Select(Come).ToArray();
        await Task.WhenAll(all.Select(c => c.SubscribeAsync(XdsType.Cluster, [])));
        await Eventually.HoldsAsync(() => _underWay == Admissions.ConnectsAtATime, "as many as there is room for are being connected");

        // While all of them wait, changes go their way.
        for (var port = 1; port <= 50; port++)
        {
            await _gateway.World.Service("web").SetAsync(port);
            var message = (await there.NextAsync())!;
            Assert.Equal("web", message.Resources.Keys.Single());
            await there.AckAsync(message);
        }

        _served.SetResult();
        await Task.WhenAll(all.Select(ConfigureAsync));
        Assert.Equal(Admissions.ConnectsAtATime, _mostUnderWay);
        foreach (var client in all)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task WhoGoesWhileItWaitsNeverReachesAGrain()
    {
        var served = Enumerable.Range(0, Admissions.ConnectsAtATime).Select(Come).ToArray();
        await Task.WhenAll(served.Select(c => c.SubscribeAsync(XdsType.Cluster, [])));
        await Eventually.HoldsAsync(() => _underWay == Admissions.ConnectsAtATime, "as many as there is room for are being connected");
        _gateway.World.Proxy("impatient").View = Views.Of("impatient");
        using (var http = _gateway.NewClient())
        {
            var impatient = _gateway.Connect("impatient", http: http);
            await impatient.SubscribeAsync(XdsType.Cluster, []);
            await Eventually.HoldsAsync(() => _gateway.Waiting == 1, "it waits");
        }

        await Eventually.HoldsAsync(() => _gateway.Waiting == 0, "it waits no more");
        _served.SetResult();
        await Task.WhenAll(served.Select(ConfigureAsync));
        foreach (var client in served)
            await client.DisposeAsync();
        Assert.Empty(_gateway.World.Proxy("impatient").Calls);
    }

    /// <summary>Places are held by proxies that get no answer; those behind them get in when the limit has passed.</summary>
    [Fact]
    public async Task ProxiesThatAreStuckHoldUpTheOthersForALimitedTime()
    {
        var stuck = Enumerable.Range(0, Admissions.ConnectsAtATime).Select(Come).ToArray();
        await Task.WhenAll(stuck.Select(c => c.SubscribeAsync(XdsType.Cluster, [])));
        await Eventually.HoldsAsync(() => _underWay == Admissions.ConnectsAtATime, "as many as there is room for are being connected");
        _gateway.World.Proxy("next").View = Views.Of("next");
        await using var next = _gateway.Connect("next");
        await next.SubscribeAsync(XdsType.Cluster, []);
        await Eventually.HoldsAsync(() => _gateway.Waiting == 1, "it waits");

        _gateway.Time.Advance(2 * Admissions.ConnectLimit);

        await next.UntilAsync(() => next.Held.ContainsKey(XdsType.Cluster));
        _served.SetResult();
        foreach (var client in stuck)
            await client.DisposeAsync();
    }

    private AdsClient Come(int number)
    {
        var name = $"backend-{number}";
        var proxy = _gateway.World.Proxy(name);
        proxy.View = Views.Of(name, "web");
        proxy.BeforeConnected = async _ =>
        {
            lock (_gate)
                _mostUnderWay = Math.Max(_mostUnderWay, ++_underWay);
            await _served.Task;
            lock (_gate)
                _underWay--;
        };
        return _gateway.Connect(name);
    }

    private static async Task ConfigureAsync(AdsClient client)
    {
        await client.UntilAsync(() => client.Holds(XdsType.Cluster, "web"));
        await client.SubscribeAsync(XdsType.Listener, []);
        await client.UntilAsync(() => client.Held.ContainsKey(XdsType.Listener));
    }
}
