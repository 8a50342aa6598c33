using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Proxies;

/// <summary>What the services that a proxy calls speak, and when the proxy hears of it.</summary>
public sealed class ProtocolTests : IAsyncLifetime
{
    // Sessions are held weakly by what notifies them.
    private readonly List<RecordingSession> _sessions = [];
    private TestServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.Grains.GetGrain<IMeshGrain>("default").ApplyMesh(PlainMesh, Operator);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task The_first_is_shown_at_once_and_those_soon_after_it_together()
    {
        var session = await ConnectAsync("api-1", "a", "b", "c", "d");
        await SpeaksHttpAsync("a");
        Assert.Equal([Protocol.Http, Protocol.Tcp, Protocol.Tcp, Protocol.Tcp], await NextAsync(session));

        await SpeaksHttpAsync("b");
        await SpeaksHttpAsync("c");
        await _server.Grains.GetGrain<IProxyGrain>("default/api-1").ReportAccepted("no session", "no type");
        _server.Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, session.Waiting);
        _server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([Protocol.Http, Protocol.Http, Protocol.Http, Protocol.Tcp], await NextAsync(session));

        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await SpeaksHttpAsync("d");
        Assert.Equal([Protocol.Http, Protocol.Http, Protocol.Http, Protocol.Http], await NextAsync(session));
        Assert.Equal(0, session.Waiting);
    }

    [Fact]
    public async Task What_changes_otherwise_waits_for_nothing_and_takes_them_along()
    {
        var session = await ConnectAsync("api-1", "a", "b");
        await SpeaksHttpAsync("a");
        await NextAsync(session);
        await SpeaksHttpAsync("b");
        await _server.Grains.GetGrain<IProxyGrain>("default/api-1").ApplyDataplane(Dataplane("api-1", "api", port: 81, calls: ["a", "b"]), Operator);

        var view = await session.NextViewAsync();

        Assert.Equal((81, Protocol.Http), (view.Inbounds[0].Port, view.Outbounds[1].Protocol));
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await Reconciled("api-1");
        Assert.Equal(0, session.Waiting);
    }

    [Fact]
    public async Task However_connections_and_first_endpoints_fall_together_every_proxy_ends_with_what_all_speak()
    {
        string[] services = [.. Enumerable.Range(0, 20).Select(i => $"service-{i}")];
        var random = new Random(1);
        var connected = new List<Task<(RecordingSession Session, IReadOnlyList<Protocol> Protocols)>>();
        var spoken = new List<Task>();
        foreach (var round in Enumerable.Range(0, services.Length))
        {
            for (var i = 0; i < 10; i++)
            {
                var name = $"proxy-{round}-{i}";
                connected.Add(Task.Run(async () =>
                {
                    var session = new RecordingSession();
                    var view = await ConnectedViewAsync(name, session, services);
                    return (session, view);
                }));
            }

            var service = services[round];
            spoken.Add(Task.Run(() => SpeaksHttpAsync(service)));
            if (random.Next(3) == 0)
                await Task.WhenAll(connected);
        }

        var proxies = await Task.WhenAll(connected);
        await Task.WhenAll(spoken);
        foreach (var (session, first) in proxies)
        {
            var last = first;
            await Eventually.HoldsAsync(async () =>
            {
                _server.Time.Advance(TimeSpan.FromSeconds(1));
                while (session.Waiting > 0)
                    last = await NextAsync(session);
                return last.All(protocol => protocol == Protocol.Http);
            }, "it knows that all services speak HTTP");
        }
    }

    [Fact]
    public async Task A_notification_that_was_lost_is_made_up_for_when_the_log_says_otherwise_than_is_known()
    {
        var session = await ConnectAsync("api-1", "a", "b");
        var proxy = _server.Grains.GetGrain<IProxyGrain>("default/api-1");
        await _server.Grains.GetGrain<IServiceGrain>("default/a").UnobserveProtocol(proxy.AsReference<IServiceProtocolObserver>());
        await SpeaksHttpAsync("a");

        await proxy.Reconcile([new("a", Protocol.Tcp), new("b", Protocol.Tcp)]);
        Assert.Equal(0, session.Waiting);
        await proxy.Reconcile([new("a", Protocol.Http), new("b", Protocol.Tcp)]);
        Assert.Equal([Protocol.Http, Protocol.Tcp], await NextAsync(session));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a", "b", "c")]
    public async Task Where_the_log_speaks_of_other_services_those_that_the_proxy_calls_are_asked(params string[] spoken)
    {
        var session = await ConnectAsync("api-1", "a", "b");
        var proxy = _server.Grains.GetGrain<IProxyGrain>("default/api-1");
        await _server.Grains.GetGrain<IServiceGrain>("default/a").UnobserveProtocol(proxy.AsReference<IServiceProtocolObserver>());
        await SpeaksHttpAsync("a");
        await proxy.Reconcile([.. spoken.Select(service => new ServiceProtocol(service, Protocol.Tcp))]);
        Assert.Equal([Protocol.Http, Protocol.Tcp], await NextAsync(session));
    }

    private Task<long> SpeaksHttpAsync(string service)
        => _server.Grains.GetGrain<IServiceGrain>($"default/{service}").SetEndpoints($"{service}-1", [new Endpoint("10.0.0.9", 80, Tags(service), true)], Operator);

    private static async Task<IReadOnlyList<Protocol>> NextAsync(RecordingSession session) => [.. (await session.NextViewAsync()).Outbounds.Select(o => o.Protocol)];

    private Task Reconciled(string proxy) => _server.Grains.GetGrain<IProxyGrain>($"default/{proxy}").Reconcile();

    private async Task<RecordingSession> ConnectAsync(string name, params string[] calls)
    {
        var session = new RecordingSession();
        Assert.All(await ConnectedViewAsync(name, session, calls), protocol => Assert.Equal(Protocol.Tcp, protocol));
        return session;
    }

    private async Task<IReadOnlyList<Protocol>> ConnectedViewAsync(string name, RecordingSession session, string[] calls)
    {
        lock (_sessions)
            _sessions.Add(session);
        var connected = await _server.Grains.GetGrain<IProxyGrain>($"default/{name}").Connect(
            Connection($"session of {name}", Dataplane(name, "api", calls: calls)),
            _server.Grains.CreateObjectReference<IProxySessionObserver>(session), new Caller($"proxy:default/{name}"));
        return [.. connected.View!.Outbounds.Select(o => o.Protocol)];
    }
}
