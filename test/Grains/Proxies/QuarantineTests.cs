using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Proxies;

/// <summary>A proxy that is quarantined is out of its mesh, whatever it was doing, and the others are told.</summary>
public sealed class QuarantineTests : IAsyncLifetime
{
    private static readonly ProxyQuarantine Stolen = new("default", "stolen", "web-1", "found in a paste");

    // Sessions are held weakly by what notifies them.
    private readonly List<RecordingSession> _sessions = [];
    private TestServer _server = null!;

    private IMeshGrain Mesh => _server.Grains.GetGrain<IMeshGrain>("default");

    private IProxyGrain Web => _server.Grains.GetGrain<IProxyGrain>("default/web-1");

    public async Task InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await Mesh.ApplyMesh(SecureMesh, Operator);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_connected_proxy_is_disconnected_and_withdrawn_and_may_connect_again_when_it_is_lifted()
    {
        var session = (await ConnectAsync("web-1", "s1", Dataplane("web-1", "web"))).Session;
        await Web.ReportListening("s1");
        Assert.Equal(["web-1"], await EndpointsOfWebAsync());

        await Mesh.ApplyProxyQuarantine(Stolen, Operator);

        Assert.Contains("quarantined", await session.EndAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(async () => (await EndpointsOfWebAsync()).Count == 0, "its endpoints are withdrawn");
        Assert.Contains("quarantined", (await ConnectAsync("web-1", "s2", Dataplane("web-1", "web"))).Result.Refusal, StringComparison.Ordinal);

        await Mesh.DeleteProxyQuarantine("stolen", Operator);
        await Eventually.HoldsAsync(async () => (await ConnectAsync("web-1", "s3", Dataplane("web-1", "web"))).Result.Refusal is null, "it may connect");
        Assert.Equal(["web-1"], await EndpointsOfWebAsync());
    }

    [Fact]
    public async Task A_proxy_that_nobody_runs_is_withdrawn_too_and_so_is_one_that_comes_later()
    {
        await Web.ApplyDataplane(Dataplane("web-1", "web"), Operator);
        Assert.Equal(["web-1"], await EndpointsOfWebAsync());

        await Mesh.ApplyProxyQuarantine(Stolen, Operator);
        await Mesh.ApplyProxyQuarantine(new ProxyQuarantine("default", "early", "web-2"), Operator);

        await Eventually.HoldsAsync(async () => (await EndpointsOfWebAsync()).Count == 0, "its endpoints are withdrawn");
        Assert.Equal(Outcome.Created, (await _server.Grains.GetGrain<IProxyGrain>("default/web-2").ApplyDataplane(Dataplane("web-2", "web"), Operator)).Outcome);
        Assert.Empty(await EndpointsOfWebAsync());
        Assert.Contains("quarantined", (await ConnectAsync("web-2", "s1", Dataplane("web-2", "web"))).Result.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_refuse_it_wherever_somebody_is_let_in_and_close_its_tcp_connections()
    {
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        var (api, session) = await ConnectAsync("api-1", "s1", Dataplane("api-1", "api", "tcp"));
        var closed = (await ConnectAsync("db-1", "s1", Dataplane("db-1", "db"))).Session;
        Assert.Equal(0, api.View!.Inbounds[0].RevocationEpoch);

        await Mesh.ApplyProxyQuarantine(Stolen, Operator);

        var inbound = (await session.NextViewAsync()).Inbounds[0];
        Assert.Equal((["web-1"], 1L), (inbound.Quarantined, inbound.RevocationEpoch));
        await Mesh.DeleteProxyQuarantine("stolen", Operator);
        inbound = (await session.NextViewAsync()).Inbounds[0];
        Assert.Equal(([], 1L), (inbound.Quarantined, inbound.RevocationEpoch));

        // Who lets nobody in has nothing to do.
        Assert.Equal(0, closed.Waiting);
    }

    [Fact]
    public async Task A_mesh_that_is_deleted_takes_its_quarantines_with_it()
    {
        await Mesh.ApplyProxyQuarantine(Stolen, Operator);
        await Mesh.DeleteMesh(Operator);
        await Mesh.ApplyMesh(SecureMesh, Operator);

        Assert.Null(await Mesh.FindQuarantine("web-1"));
        await Eventually.HoldsAsync(async () => (await ConnectAsync("web-1", "s1", Dataplane("web-1", "web"))).Result.Refusal is null, "it may connect");
    }

    [Fact]
    public async Task What_a_crash_left_undone_is_done_when_the_proxy_is_asked_and_is_told_to_its_services_until_they_take_it()
    {
        await Web.ApplyDataplane(Dataplane("web-1", "web"), Operator);
        _server.Store.Refuses = stream => stream is "proxy/default/web-1";
        await Mesh.ApplyProxyQuarantine(Stolen, Operator);
        await _server.RestartSiloAsync();
        Assert.Equal(["web-1"], await EndpointsOfWebAsync());

        _server.Store.Refuses = stream => stream is "service/default/web";
        await Web.FollowQuarantine(Caller.System);
        Assert.Equal(new ProxyQuarantined(), (await _server.EventsAsync("proxy/default/web-1"))[^1]);
        _server.Store.Refuses = _ => false;
        await Web.Reconcile();

        Assert.Empty(await EndpointsOfWebAsync());
    }

    private async Task<List<string>> EndpointsOfWebAsync()
        => (await _server.EventsAsync("service/default/web")).OfType<EndpointsSet>()
            .GroupBy(set => set.Proxy).Where(g => g.Last().Endpoints.Count > 0).Select(g => g.Key).ToList();

    private async Task<(ConnectResult Result, RecordingSession Session)> ConnectAsync(string proxy, string session, Dataplane dataplane)
    {
        var observer = new RecordingSession();
        _sessions.Add(observer);
        var reference = _server.Grains.CreateObjectReference<IProxySessionObserver>(observer);
        var grain = _server.Grains.GetGrain<IProxyGrain>($"default/{proxy}");
        return (await grain.Connect(Connection(session, dataplane), reference, new Caller($"proxy:default/{proxy}")), observer);
    }
}
