using System.Collections.Concurrent;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Endpoints;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Endpoints;

public sealed class EndpointCatalogTests : IAsyncLifetime
{
    private static readonly EndpointSelection Web = Views.Selection("web");

    private Gateway _gateway = null!;
    private EndpointCatalog _catalog = null!;

    private WorldService Service => _gateway.World.Service("web");

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync();
        _catalog = new EndpointCatalog(_gateway.Grains, _gateway.Metrics, _gateway.Time, NullLogger<EndpointCatalog>.Instance);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task AServiceIsObservedAndEncodedOnceForAllWhoWatchIt()
    {
        await Service.SetAsync(9001);
        var watchers = Enumerable.Range(0, 50).Select(_ => new Watcher()).ToList();
        foreach (var watcher in watchers)
            _catalog.Watch("default", Web, watcher);
        await AllHaveAsync(watchers, 1);

        await Service.SetAsync(9001, 9002);
        await AllHaveAsync(watchers, 2);

        var late = new Watcher();
        _catalog.Watch("default", Web, late);
        Assert.Equal(1, Service.Observed);
        Assert.All(watchers, w => Assert.Same(watchers[0].Newest(Web), w.Newest(Web)));
        Assert.Same(watchers[0].Newest(Web), late.Newest(Web));
        Assert.Equal([9001u, 9002u], Ports(late.Newest(Web)!));
    }

    [Fact]
    public async Task WhatChangesNothingForASelectionIsNotHandedOn()
    {
        var tagged = new EndpointSelection("web", TagSet.Of(("version", "2")));
        var (all, some) = (new Watcher(), new Watcher());
        _catalog.Watch("default", Web, all);
        _catalog.Watch("default", tagged, some);
        await AllHaveAsync([all], 1);
        await AllHaveAsync([some], 1);

        await Service.SetAsync(9001);
        await AllHaveAsync([all], 2);

        Assert.Equal(1, some.Count);
        Assert.Empty(Ports(some.Newest(tagged)!));
        Assert.Equal(1, Service.Observed);
    }

    [Fact]
    public async Task TheLastWhoLeavesEndsTheObservation()
    {
        var (one, other) = (new Watcher(), new Watcher());
        _catalog.Watch("default", Web, one);
        _catalog.Watch("default", Web, other);
        await AllHaveAsync([one, other], 1);

        _catalog.Unwatch("default", Web, one);
        await Service.SetAsync(9001);
        await AllHaveAsync([other], 2);
        Assert.Equal((1, 1), (one.Count, Service.Observers));

        _catalog.Unwatch("default", Web, other);
        await Eventually.HoldsAsync(() => Service.Observers == 0, "nobody observes");

        _catalog.Watch("default", Web, one);
        await AllHaveAsync([one], 2);
        Assert.Equal([9001u], Ports(one.Newest(Web)!));
    }

    [Fact]
    public async Task AnObservationThatFailsIsTriedAgain()
    {
        Service.Failures = 2;
        var watcher = new Watcher();
        _catalog.Watch("default", Web, watcher);

        await Eventually.HoldsAsync(() =>
        {
            _gateway.Time.Advance(TimeSpan.FromSeconds(1));
            return watcher.Count == 1;
        }, "the endpoints are known");
        Assert.Equal((3, 1), (Service.Observed, Service.Observers));
    }

    [Fact]
    public async Task TheSameServiceOfAnotherMeshIsAnother()
    {
        var (one, other) = (new Watcher(), new Watcher());
        _catalog.Watch("default", Web, one);
        _catalog.Watch("second", Web, other);
        await AllHaveAsync([one, other], 1);

        await Service.SetAsync(9001);
        await AllHaveAsync([one], 2);

        Assert.Equal(1, other.Count);
    }

    [Fact]
    public void WhoWatchesNothingMayStopWatching() => _catalog.Unwatch("default", Web, new Watcher());

    private static Task AllHaveAsync(IReadOnlyList<Watcher> watchers, int count)
        => Eventually.HoldsAsync(() => watchers.All(w => w.Count == count), $"everybody was handed endpoints {count} times");

    private static uint[] Ports(EncodedResource endpoints)
        => [.. Any.Parser.ParseFrom(endpoints.Body.Span).Unpack<ClusterLoadAssignment>().Endpoints.SelectMany(e => e.LbEndpoints).Select(e => e.Endpoint.Address.SocketAddress.PortValue)];

    private sealed class Watcher : IEndpointWatcher
    {
        private readonly ConcurrentQueue<(EndpointSelection Selection, EncodedResource Endpoints)> _all = new();

        public int Count => _all.Count;

        public EncodedResource? Newest(EndpointSelection selection) => _all.LastOrDefault(e => e.Selection == selection).Endpoints;

        public void EndpointsAre(EndpointSelection selection, EncodedResource endpoints) => _all.Enqueue((selection, endpoints));
    }
}
