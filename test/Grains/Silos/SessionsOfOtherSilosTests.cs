using OrleansMesh.Domain.Proxies;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Silos;

/// <summary>A proxy is connected to one of several silos that share a log.</summary>
public sealed class SessionsOfOtherSilosTests : IAsyncLifetime
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RestartGrace = TimeSpan.FromSeconds(60);

    private readonly List<RecordingSession> _sessions = [];
    private TestServer _server = null!;
    private TestSilo _here = null!;
    private TestSilo _there = null!;

    public async Task InitializeAsync()
    {
        _server = await TestServer.StartAsync(new GrainOptions { SharesLog = true });
        _here = _server.AddOwnSilo();
        _there = _server.AddOwnSilo();
        await _here.Grains.GetGrain<IMeshGrain>("default").ApplyMesh(SecureMesh, Operator);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_silo_that_starts_leaves_the_sessions_of_a_living_one_alone()
    {
        await ConnectAsync(_here, "s1");
        await Api(_here).ReportListening("s1");
        var starting = _server.AddOwnSilo();
        await Api(starting).Reconcile();
        _server.Time.Advance(RestartGrace * 2);
        await Api(starting).Reconcile();
        Assert.Equal("s1", (await StateAsync()).Session);
        Assert.Equal([80], await EndpointsAsync());
    }

    [Fact]
    public async Task The_proxies_of_a_dead_silo_that_do_not_return_go()
    {
        await ConnectAsync(_here, "s1");
        await Api(_here).ReportListening("s1");
        await Api(_there).Reconcile();
        await _here.DisposeAsync();

        _server.Time.Advance(TimeSpan.FromSeconds(2));
        await Api(_there).Reconcile();
        _server.Time.Advance(RestartGrace - TimeSpan.FromSeconds(1));
        await Api(_there).Reconcile();
        Assert.Equal([80], await EndpointsAsync());
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(async () => (await EndpointsAsync()).Count == 0, "its endpoints are gone");
        Assert.Null((await StateAsync()).Dataplane);
    }

    [Fact]
    public async Task A_proxy_whose_silo_died_finds_what_it_had_at_another()
    {
        await ConnectAsync(_here, "s1");
        await Api(_here).ReportListening("s1");
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var issued = await Api(_here).IssueCertificate("s1", Domain.Values.ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()));
        await _here.DisposeAsync();
        await Api(_there).Reconcile();
        var head = await _server.Store.HeadAsync();

        var connected = await ConnectAsync(_there, "s2");
        Assert.Equal(issued.Record.Serial, connected.Certificate!.Serial);
        await Api(_there).ReportListening("s2");
        _server.Time.Advance(RestartGrace * 2);
        await Api(_there).Reconcile();
        Assert.Equal(head + 1, await _server.Store.HeadAsync());
        Assert.Equal([80], await EndpointsAsync());
    }

    [Fact]
    public async Task A_proxy_that_went_over_to_another_silo_is_not_awaited_by_the_first()
    {
        await ConnectAsync(_here, "s1");
        await Api(_here).ReportListening("s1");
        await Api(_here).Disconnect("s1");
        await ConnectAsync(_there, "s2");
        await FollowedAsync();
        _server.Time.Advance(Grace * 2);
        await Api(_here).Reconcile();
        Assert.Equal(("s2", _there.Name), ((await StateAsync()).Session, (await StateAsync()).Silo));
        Assert.Equal([80], await EndpointsAsync());
    }

    [Fact]
    public async Task The_newest_connection_counts_wherever_it_is()
    {
        await ConnectAsync(_here, "s1");
        await ConnectAsync(_there, "s2");
        Assert.Equal("superseded by a newer connection of the same proxy", await _sessions[0].EndAsync());
        await Api(_here).Disconnect("s1");
        _server.Time.Advance(Grace * 2);
        await Api(_here).Reconcile();
        Assert.Equal("s2", (await StateAsync()).Session);
    }

    /// <summary>The first silo withdraws the endpoints of a proxy that is gone for it, while that connects to the second, which finds them still there.</summary>
    [Fact]
    public async Task Endpoints_that_one_silo_withdraws_while_the_proxy_returns_to_another_come_back()
    {
        await ConnectAsync(_here, "s1");
        await Api(_here).ReportListening("s1");
        await Api(_here).Disconnect("s1");
        await FollowedAsync();
        var withdrawing = new TaskCompletionSource();
        var returned = new TaskCompletionSource();
        var first = true;
        _server.Store.Before = async stream =>
        {
            if (stream != "service/default/api" || !first)
                return;
            first = false;
            withdrawing.SetResult();
            await returned.Task;
        };
        _server.Time.Advance(Grace);
        await withdrawing.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await ConnectAsync(_there, "s2");
        await Api(_there).ReportListening("s2");
        returned.SetResult();

        await Eventually.HoldsAsync(
            async () => (await _server.EventsAsync("service/default/api")).Count == 3 && (await EndpointsAsync()).Count == 1, "the endpoints are there again");
        Assert.Equal("s2", (await StateAsync()).Session);
    }

    private IProxyGrain Api(TestSilo silo) => silo.Grains.GetGrain<IProxyGrain>("default/api-1");

    private async Task<ConnectResult> ConnectAsync(TestSilo silo, string session)
    {
        var observer = new RecordingSession();
        _sessions.Add(observer);
        var connected = await Api(silo).Connect(
            Connection(session, Dataplane("api-1", "api")), silo.Grains.CreateObjectReference<IProxySessionObserver>(observer), new Caller("proxy:default/api-1"));
        Assert.Null(connected.Refusal);
        return connected;
    }

    private async Task<ProxyState> StateAsync()
        => (await _server.EventsAsync("proxy/default/api-1")).Cast<ProxyEvent>().Aggregate(ProxyState.Empty, ProxyDecider.Evolve);

    private async Task<List<int>> EndpointsAsync()
        => (await _server.EventsAsync("service/default/api")).Cast<Domain.Services.ServiceEvent>()
            .Aggregate(Domain.Services.ServiceState.Empty, Domain.Services.ServiceDecider.Evolve).Endpoints.Select(e => e.Port).ToList();

    private async Task FollowedAsync()
    {
        var head = await _server.Store.HeadAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(_here.Followed >= head && _there.Followed >= head), "both silos have followed the log");
    }
}
