using System.Threading.Channels;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Services;

public sealed class ServiceGrainTests : IAsyncLifetime
{
    private TestServer _server = null!;

    private IServiceGrain Service => _server.Grains.GetGrain<IServiceGrain>("default/web");

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Observers_are_told_of_each_change_and_of_nothing_else()
    {
        var (observer, caller) = (new Observer(), new Observer());
        var first = await Service.ObserveEndpoints(_server.Grains.CreateObjectReference<IServiceEndpointsObserver>(observer));
        Assert.Equal(("default", "web", 0L, 0), (first.Mesh, first.Service, first.Version, first.Endpoints.Count));
        Assert.Equal(Protocol.Tcp, await Service.ObserveProtocol(_server.Grains.CreateObjectReference<IServiceProtocolObserver>(caller)));

        Assert.Equal(1, await Service.SetEndpoints("web-1", [Endpoint(1)], Operator));
        Assert.Equal(0, await Service.SetEndpoints("web-1", [Endpoint(1)], Operator));
        Assert.Equal(2, await Service.SetEndpoints("web-2", [Endpoint(2)], Operator));
        Assert.Equal(3, await Service.SetEndpoints("web-1", [], Operator));
        Assert.Equal(4, await Service.SetEndpoints("web-2", [Endpoint(2, "grpc")], Operator));

        Assert.Equal("1: 1", await observer.NextAsync());
        Assert.Equal("2: 1 2", await observer.NextAsync());
        Assert.Equal("3: 2", await observer.NextAsync());
        Assert.Equal("4: 2", await observer.NextAsync());
        Assert.Equal("web speaks Http", await caller.NextAsync());
        Assert.Equal("web speaks Grpc", await caller.NextAsync());
    }

    [Fact]
    public async Task Who_no_longer_observes_is_told_nothing()
    {
        var (gone, stays) = (new Observer(), new Observer());
        var reference = _server.Grains.CreateObjectReference<IServiceEndpointsObserver>(gone);
        await Service.ObserveEndpoints(_server.Grains.CreateObjectReference<IServiceEndpointsObserver>(stays));
        await Service.ObserveEndpoints(reference);
        await Service.SetEndpoints("web-1", [Endpoint(1)], Operator);
        await Service.UnobserveEndpoints(reference);
        await Service.SetEndpoints("web-1", [Endpoint(2)], Operator);
        Assert.Equal(["1: 1", "2: 2"], [await stays.NextAsync(), await stays.NextAsync()]);
        Assert.Equal("1: 1", await gone.NextAsync());
        Assert.Equal(0, gone.Waiting);
    }

    [Fact]
    public async Task Endpoints_and_protocol_survive_a_restart()
    {
        await Service.SetEndpoints("web-1", [Endpoint(1, "grpc")], Operator);
        await _server.RestartAsync();
        var observer = new Observer();
        var endpoints = await Service.ObserveEndpoints(_server.Grains.CreateObjectReference<IServiceEndpointsObserver>(observer));
        Assert.Equal((1L, Endpoint(1, "grpc")), (endpoints.Version, Assert.Single(endpoints.Endpoints)));
        Assert.Equal(Protocol.Grpc, await Service.ObserveProtocol(_server.Grains.CreateObjectReference<IServiceProtocolObserver>(observer)));
    }

    private static Endpoint Endpoint(int port, string protocol = "http") => new("10.0.0.1", port, Tags("web", protocol), Ready: true);

    private sealed class Observer : IServiceEndpointsObserver, IServiceProtocolObserver
    {
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

        public int Waiting => _told.Reader.Count;

        public Task<string> NextAsync() => _told.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public Task EndpointsChanged(ServiceEndpoints endpoints)
            => _told.Writer.WriteAsync($"{endpoints.Version}: {string.Join(' ', endpoints.Endpoints.Select(e => e.Port))}").AsTask();

        public Task ProtocolChanged(string service, Protocol protocol) => _told.Writer.WriteAsync($"{service} speaks {protocol}").AsTask();
    }
}
