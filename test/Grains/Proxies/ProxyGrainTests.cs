using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;

namespace OrleansMesh.Grains.Tests.Proxies;

public sealed class ProxyGrainTests : IAsyncLifetime
{
    private static readonly Caller Proxy = new("proxy:default/api-1");

    // Sessions are held weakly by what notifies them.
    private readonly List<RecordingSession> _sessions = [];
    private TestServer _server = null!;

    private IMeshGrain Mesh => _server.Grains.GetGrain<IMeshGrain>("default");

    private IProxyGrain Api => _server.Grains.GetGrain<IProxyGrain>("default/api-1");

    public async Task InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await Mesh.ApplyMesh(SecureMesh, Operator);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Who_may_not_connect_is_told_why_and_nothing_is_stored()
    {
        Assert.Contains("no Dataplane", (await ConnectAsync(Api, "s1", null)).Result.Refusal, StringComparison.Ordinal);
        Assert.Contains("expected default/api-1", (await ConnectAsync(Api, "s1", Dataplane("web-1", "web"))).Result.Refusal, StringComparison.Ordinal);
        var lost = _server.Grains.GetGrain<IProxyGrain>("lost/api-1");
        var dataplane = Dataplane("api-1", "api") with { Mesh = "lost" };
        Assert.Contains("does not exist", (await ConnectAsync(lost, "s1", dataplane)).Result.Refusal, StringComparison.Ordinal);
        Assert.Equal(Outcome.MeshNotFound, (await lost.ApplyDataplane(dataplane, Operator)).Outcome);
        Assert.Equal(1, await _server.Store.HeadAsync());
    }

    [Fact]
    public async Task A_proxy_learns_what_it_has_to_do_and_each_time_that_changes()
    {
        await Service("db").SetEndpoints("db-1", [new Endpoint("10.0.0.9", 5432, Tags("db", "tcp"), true)], Operator);
        var (connected, session) = await ConnectAsync(Api, "s1", Dataplane("api-1", "api", calls: ["db", "cache"]));
        var view = connected.View!;
        Assert.Equal(["spiffe://default/api", "kuma://kuma.io/protocol/http", "kuma://kuma.io/service/api", "orleansmesh://default/api-1"], view.Identity!.Uris);
        Assert.Equal((await Authority.GetAuthority(SecureMesh.EnabledBackend!, Operator)).RootPem + "\n", view.Identity.TrustBundle);
        Assert.Null(view.Inbounds[0].Permission);
        Assert.Equal([Protocol.Tcp, Protocol.Tcp], view.Outbounds.Select(o => o.Protocol));

        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        Assert.Equal("p", (await session.NextViewAsync()).Inbounds[0].Permission?.Name);
        await Service("cache").SetEndpoints("cache-1", [new Endpoint("10.0.0.8", 80, Tags("cache"), true)], Operator);
        Assert.Equal([Protocol.Tcp, Protocol.Http], (await session.NextViewAsync()).Outbounds.Select(o => o.Protocol));
        await Api.ApplyDataplane(Dataplane("api-1", "api", port: 81), Operator);
        var changed = await session.NextViewAsync();
        Assert.Equal((81, "p", 0), (changed.Inbounds[0].Port, changed.Inbounds[0].Permission?.Name, changed.Outbounds.Count));
        await Mesh.ApplyMesh(SecureMesh with { Mtls = SecureMesh.Mtls! with { EnabledBackend = null } }, Operator);
        Assert.Null((await session.NextViewAsync()).Identity);
        Assert.Equal(0, session.Waiting);
    }

    [Fact]
    public async Task A_change_reaches_the_proxies_that_it_concerns_and_no_others()
    {
        Dictionary<string, RecordingSession> sessions = [];
        foreach (var service in new[] { "api", "web", "db" })
        {
            var proxy = _server.Grains.GetGrain<IProxyGrain>($"default/{service}-1");
            sessions[service] = (await ConnectAsync(proxy, service, Dataplane($"{service}-1", service))).Session;
        }

        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        await Service("unrelated").SetEndpoints("x", [new Endpoint("10.0.0.9", 80, Tags("unrelated"), true)], Operator);
        Assert.Equal("p", (await sessions["api"].NextViewAsync()).Inbounds[0].Permission?.Name);
        await Mesh.ApplyMesh(SecureMesh with { Mtls = SecureMesh.Mtls! with { EnabledBackend = null } }, Operator);
        foreach (var session in sessions.Values)
        {
            // The next that each hears of is what concerns all.
            Assert.Null((await session.NextViewAsync()).Identity);
            Assert.Equal(0, session.Waiting);
        }
    }

    [Fact]
    public async Task Endpoints_of_a_presented_dataplane_join_when_it_listens_and_go_when_its_proxy_stays_away()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        Assert.Empty(await EndpointsAsync("api"));
        await Api.ReportListening("s1");
        Assert.Equal([80], await EndpointsAsync("api"));

        await Api.Disconnect("s1");
        _server.Time.Advance(TimeSpan.FromSeconds(9));
        await Api.Reconcile();
        Assert.NotNull(await Api.GetDataplane());
        Assert.Equal([80], await EndpointsAsync("api"));

        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(async () => await Api.GetDataplane() is null, "the Dataplane is gone");
        await Eventually.HoldsAsync(async () => (await EndpointsAsync("api")).Count == 0, "its endpoints are gone");
    }

    [Fact]
    public async Task A_proxy_that_listens_joins_although_that_could_not_be_stored_when_it_said_so()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        _server.Store.Refuses = stream => stream.StartsWith("proxy/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventStore.EventStoreUnavailableException>(() => Api.ReportListening("s1"));
        _server.Store.Refuses = _ => false;
        _server.Time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(async () => (await EndpointsAsync("api")).Count == 1, "the endpoint joined");
    }

    [Fact]
    public async Task A_proxy_that_returns_in_time_is_disturbed_by_nothing()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        await Api.ReportListening("s1");
        await Api.Disconnect("s1");
        _server.Time.Advance(TimeSpan.FromSeconds(9));
        await ConnectAsync(Api, "s2", Dataplane("api-1", "api"));
        _server.Time.Advance(TimeSpan.FromMinutes(10));
        await Api.Reconcile();
        Assert.Equal([80], await EndpointsAsync("api"));
        Assert.Single(await _server.EventsAsync("service/default/api"));
    }

    [Fact]
    public async Task After_a_restart_of_the_server_a_proxy_has_longer_to_return()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        await Api.ReportListening("s1");
        await _server.RestartAsync();
        await Api.Reconcile();
        _server.Time.Advance(TimeSpan.FromSeconds(59));
        await Api.Reconcile();
        Assert.Equal([80], await EndpointsAsync("api"));
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(async () => await Api.GetDataplane() is null, "the Dataplane is gone");
        Assert.Equal([new ProxyDisconnected("s1"), new DataplaneDeleted("its proxy is gone")], (await _server.EventsAsync("proxy/default/api-1"))[^2..]);
    }

    [Fact]
    public async Task A_proxy_that_returns_after_a_restart_finds_what_it_had_and_adds_only_its_connection()
    {
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        var dataplane = Dataplane("api-1", "api", "tcp", calls: ["db"]);
        var before = (await ConnectAsync(Api, "s1", dataplane)).Result;
        await Api.ReportListening("s1");
        var issued = await IssueAsync("s1");
        var head = await _server.Store.HeadAsync();
        await _server.RestartAsync();

        var after = (await ConnectAsync(Api, "s2", dataplane)).Result;
        Assert.Equal(before.View, after.View);
        Assert.Equal(issued.Record.Serial, after.Certificate!.Serial);
        await Api.ReportListening("s2");
        await Api.Reconcile();
        Assert.Equal(head + 1, await _server.Store.HeadAsync());
    }

    [Fact]
    public async Task A_dataplane_of_the_api_joins_at_once_and_stays_without_a_proxy()
    {
        var applied = await Api.ApplyDataplane(Dataplane("api-1", "api"), Operator);
        Assert.Equal((Outcome.Created, await _server.Store.HeadAsync()), (applied.Outcome, applied.Position));
        Assert.Equal([80], await EndpointsAsync("api"));
        var connected = (await ConnectAsync(Api, "s1", null)).Result;
        Assert.Equal(80, connected.View!.Inbounds[0].Port);
        await Api.Disconnect("s1");
        _server.Time.Advance(TimeSpan.FromHours(1));
        await Api.Reconcile();
        Assert.Equal([80], await EndpointsAsync("api"));

        await Api.ApplyDataplane(Dataplane("api-1", "renamed"), Operator);
        Assert.Empty(await EndpointsAsync("api"));
        Assert.Equal([80], await EndpointsAsync("renamed"));
        Assert.Equal(Outcome.Deleted, (await Api.DeleteDataplane(Operator)).Outcome);
        Assert.Empty(await EndpointsAsync("renamed"));
        Assert.Equal(Outcome.NotFound, (await Api.DeleteDataplane(Operator)).Outcome);
    }

    [Fact]
    public async Task A_proxy_that_announces_its_leave_is_withdrawn_before_the_answer()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        await Api.ReportListening("s1");
        var position = await Api.Leave(Proxy);
        Assert.Equal(await _server.Store.HeadAsync(), position);
        Assert.Empty(await EndpointsAsync("api"));
        Assert.Equal(position, await Api.Leave(Proxy));

        await ConnectAsync(Api, "s2", Dataplane("api-1", "api"));
        await Api.ReportListening("s2");
        Assert.Equal([80], await EndpointsAsync("api"));
    }

    [Fact]
    public async Task A_leave_that_a_service_could_not_be_told_is_not_acknowledged_and_done_later()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        await Api.ReportListening("s1");
        _server.Store.Refuses = stream => stream.StartsWith("service/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Api.Leave(Proxy));
        _server.Store.Refuses = _ => false;
        _server.Time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(async () => (await EndpointsAsync("api")).Count == 0, "the endpoint left");
        Assert.Equal(await _server.Store.HeadAsync(), await Api.Leave(Proxy));
    }

    [Fact]
    public async Task The_newest_connection_counts()
    {
        var older = (await ConnectAsync(Api, "s1", Dataplane("api-1", "api"))).Session;
        var newer = (await ConnectAsync(Api, "s2", Dataplane("api-1", "api"))).Session;
        Assert.Contains("superseded", await older.EndAsync(), StringComparison.Ordinal);
        await Api.Disconnect("s1");
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        Assert.Equal("p", (await newer.NextViewAsync()).Inbounds[0].Permission?.Name);
        Assert.Equal(0, older.Waiting);
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync("s1"));
    }

    [Fact]
    public async Task Deleting_the_dataplane_ends_the_session_and_lets_the_mesh_go()
    {
        var session = (await ConnectAsync(Api, "s1", Dataplane("api-1", "api"))).Session;
        Assert.Equal(Outcome.Refused, (await Mesh.DeleteMesh(Operator)).Outcome);
        await Api.DeleteDataplane(Operator);
        Assert.Contains("deleted", await session.EndAsync(), StringComparison.Ordinal);
        Assert.Equal(Outcome.Deleted, (await Mesh.DeleteMesh(Operator)).Outcome);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_stored_holds_no_mesh()
    {
        _server.Store.Refuses = stream => stream.StartsWith("proxy/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventStore.EventStoreUnavailableException>(() => ConnectAsync(Api, "s1", Dataplane("api-1", "api")));
        Assert.Equal(Outcome.Deleted, (await Mesh.DeleteMesh(Operator)).Outcome);
    }

    [Fact]
    public async Task A_proxy_whose_dataplane_turns_out_to_be_deleted_may_not_connect()
    {
        await Api.ApplyDataplane(Dataplane("api-1", "api"), Operator);
        var older = (await ConnectAsync(Api, "s1", null)).Session;
        _server.Store.ForgetsToAnswer = stream => stream.StartsWith("proxy/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventStore.EventStoreUnavailableException>(() => Api.DeleteDataplane(Operator));
        _server.Store.ForgetsToAnswer = _ => false;
        Assert.Contains("none is stored", (await ConnectAsync(Api, "s2", null)).Result.Refusal, StringComparison.Ordinal);
        Assert.Contains("deleted", await older.EndAsync(), StringComparison.Ordinal);
        Assert.Equal(Outcome.Deleted, (await Mesh.DeleteMesh(Operator)).Outcome);
    }

    [Fact]
    public async Task What_is_shown_last_is_the_newest_although_it_was_found_while_showing()
    {
        await Api.ApplyDataplane(Dataplane("api-1", "api"), Operator);
        var session = (await ConnectAsync(Api, "s1", null)).Session;
        _server.Store.ForgetsToAnswer = stream => stream.StartsWith("proxy/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventStore.EventStoreUnavailableException>(
            () => Api.ApplyDataplane(Dataplane("api-1", "api", port: 81), Operator));
        _server.Store.ForgetsToAnswer = _ => false;
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        Assert.Equal((81, "p"), Inbound(await session.NextViewAsync()));
        await Mesh.DeleteTrafficPermission("p", Operator);
        Assert.Equal((81, null), Inbound(await session.NextViewAsync()));

        static (int, string?) Inbound(ProxyView view) => (view.Inbounds[0].Port, view.Inbounds[0].Permission?.Name);
    }

    [Fact]
    public async Task What_a_crash_left_undone_is_done_by_reconciling()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        _server.Store.Refuses = stream => stream.StartsWith("service/", StringComparison.Ordinal);
        await Api.ReportListening("s1");
        Assert.Empty(await EndpointsAsync("api"));
        await _server.RestartAsync();
        Assert.Empty(await EndpointsAsync("api"));
        await Api.Reconcile();
        Assert.Equal([80], await EndpointsAsync("api"));

        _server.Store.Refuses = stream => stream.StartsWith("service/", StringComparison.Ordinal);
        await Api.ApplyDataplane(Dataplane("api-1", "renamed"), Operator);
        await _server.RestartAsync();
        Assert.Equal([80], await EndpointsAsync("api"));
        await Api.Reconcile();
        Assert.Empty(await EndpointsAsync("api"));
        Assert.Equal([80], await EndpointsAsync("renamed"));
        var head = await _server.Store.HeadAsync();
        await Api.Reconcile();
        Assert.Equal(head, await _server.Store.HeadAsync());
    }

    [Fact]
    public async Task What_a_service_could_not_take_is_told_it_again()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        _server.Store.Refuses = stream => stream.StartsWith("service/", StringComparison.Ordinal);
        await Api.ReportListening("s1");
        _server.Store.Refuses = _ => false;
        _server.Time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(async () => (await EndpointsAsync("api")).Count == 1, "the endpoint joined");
    }

    [Fact]
    public async Task A_deny_reaches_the_proxy_although_the_authority_is_broken()
    {
        _server.Vault.IsShut = true;
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        var (connected, session) = await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        Assert.Equal(("", "p"), (connected.View!.Identity!.TrustBundle, connected.View.Inbounds[0].Permission?.Name));
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync("s1"));

        await Mesh.DeleteTrafficPermission("p", Operator);
        var denied = await session.NextViewAsync();
        Assert.Equal(("", true), (denied.Identity!.TrustBundle, denied.Inbounds[0].Permission is null));

        _server.Vault.IsShut = false;
        _server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.StartsWith("-----BEGIN CERTIFICATE", (await session.NextViewAsync()).Identity!.TrustBundle, StringComparison.Ordinal);
        Assert.NotEmpty((await IssueAsync("s1")).Record.Serial);
    }

    [Fact]
    public async Task Denies_do_not_wait_one_after_another_for_an_authority_that_does_not_answer()
    {
        await using var server = await TestServer.StartAsync(new GrainOptions { RetryDelay = TimeSpan.FromDays(1) });
        var answers = new TaskCompletionSource();
        server.Store.Before = stream => stream.StartsWith("ca/", StringComparison.Ordinal) ? answers.Task : Task.CompletedTask;
        var mesh = server.Grains.GetGrain<IMeshGrain>("default");
        await mesh.ApplyMesh(SecureMesh, Operator);
        await mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        var session = new RecordingSession();
        var connecting = server.Grains.GetGrain<IProxyGrain>("default/api-1").Connect(
            Connection("s1", Dataplane("api-1", "api")), server.Grains.CreateObjectReference<IProxySessionObserver>(session), Proxy);
        while (await Task.WhenAny(connecting, Task.Delay(10)) != connecting)
            server.Time.Advance(TimeSpan.FromSeconds(1));

        await mesh.DeleteTrafficPermission("p", Operator);
        Assert.Null((await session.NextViewAsync()).Inbounds[0].Permission);
        answers.SetResult();
    }

    [Fact]
    public async Task A_trust_bundle_that_was_had_stays_when_the_authority_fails()
    {
        var (connected, session) = await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        _server.Vault.IsShut = true;
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        Assert.Equal(connected.View!.Identity, (await session.NextViewAsync()).Identity);
    }

    [Fact]
    public async Task Tcp_connections_are_revoked_when_and_only_when_somebody_loses_the_permission()
    {
        var (connected, session) = await ConnectAsync(Api, "s1", Dataplane("api-1", "api", "tcp"));
        Assert.Equal(0, connected.View!.Inbounds[0].RevocationEpoch);
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        Assert.Equal(0, (await session.NextViewAsync()).Inbounds[0].RevocationEpoch);
        await Mesh.ApplyTrafficPermission(Permission("p", "*", "api"), Operator);
        Assert.Equal(0, (await session.NextViewAsync()).Inbounds[0].RevocationEpoch);
        await Mesh.DeleteTrafficPermission("p", Operator);
        Assert.Equal(1, (await session.NextViewAsync()).Inbounds[0].RevocationEpoch);
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        Assert.Equal(1, (await session.NextViewAsync()).Inbounds[0].RevocationEpoch);

        // Lost while nobody was connected to be told.
        await Api.Disconnect("s1");
        await Mesh.DeleteTrafficPermission("p", Operator);
        Assert.Equal(2, (await ConnectAsync(Api, "s2", null)).Result.View!.Inbounds[0].RevocationEpoch);
    }

    [Fact]
    public async Task A_lost_permission_is_enforced_although_it_cannot_be_recorded_and_recorded_later()
    {
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        var session = (await ConnectAsync(Api, "s1", Dataplane("api-1", "api", "tcp"))).Session;
        _server.Store.Refuses = stream => stream.StartsWith("proxy/", StringComparison.Ordinal);
        await Mesh.DeleteTrafficPermission("p", Operator);
        var denied = (await session.NextViewAsync()).Inbounds[0];
        Assert.Equal((true, 1L), (denied.Permission is null, denied.RevocationEpoch));

        _server.Store.Refuses = _ => false;
        _server.Time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(
            async () => (await _server.EventsAsync("proxy/default/api-1"))[^1] is TcpSourcesSet { Epoch: 1, Sources.Count: 0 }, "it is recorded");
        Assert.Equal(0, session.Waiting);
    }

    [Fact]
    public async Task Every_certificate_is_recorded_with_what_it_says()
    {
        var view = (await ConnectAsync(Api, "s1", Dataplane("api-1", "api"))).Result.View!;
        var issued = await IssueAsync("s1");
        var recorded = Assert.Single((await _server.EventsAsync("proxy/default/api-1")).OfType<CertificateIssued>()).Certificate;
        Assert.Equal(issued.Record, recorded);
        using var certificate = X509Certificate2.CreateFromPem(issued.ChainPem);
        Assert.Equal(certificate.SerialNumber.TrimStart('0'), recorded.Serial.TrimStart('0'), ignoreCase: true);
        Assert.Equal(("ca-1", view.Identity!.Uris), (recorded.Backend, recorded.Uris));
        Assert.Equal(
            (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime()), (recorded.NotBefore.UtcDateTime, recorded.NotAfter.UtcDateTime));
        Assert.True(recorded.IsStillGood(view.Identity, _server.Time.GetUtcNow()));

        _server.Store.Refuses = stream => stream.StartsWith("proxy/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventStore.EventStoreUnavailableException>(() => IssueAsync("s1"));
    }

    [Fact]
    public async Task That_an_authority_does_not_sign_is_recorded_once_until_it_does()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        await IssueAsync("s1");
        await _server.RestartSiloAsync();
        await ConnectAsync(Api, "s2", null);
        _server.Vault.IsShut = true;
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync("s2"));

        var failure = Assert.Single((await _server.EventsAsync("proxy/default/api-1")).OfType<CertificateNotIssued>()).Failure;
        Assert.Equal("ca-1", failure.Backend);
        Assert.Contains("cannot be had", failure.Reason, StringComparison.Ordinal);

        _server.Vault.IsShut = false;
        await IssueAsync("s2");
        _server.Vault.IsShut = true;
        await _server.RestartSiloAsync();
        await ConnectAsync(Api, "s3", null);
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync("s3"));
        Assert.Equal(2, (await _server.EventsAsync("proxy/default/api-1")).OfType<CertificateNotIssued>().Count());
    }

    [Fact]
    public async Task A_certificate_with_an_rsa_key_is_recorded_as_such()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        using var key = RSA.Create(2048);
        Assert.Equal(2048, (await Api.IssueCertificate("s1", ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()))).Record.RsaBits);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_recorded_for_the_present_session_is_not_handed_out()
    {
        var session = (await ConnectAsync(Api, "s1", Dataplane("api-1", "api"))).Session;
        await ConnectAsync(_server.AddSilo().GetGrain<IProxyGrain>("default/api-1"), "s2", Dataplane("api-1", "api"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync("s1"));
        Assert.Contains("superseded", await session.EndAsync(), StringComparison.Ordinal);
        Assert.Empty((await _server.EventsAsync("proxy/default/api-1")).OfType<CertificateIssued>());
    }

    [Fact]
    public async Task Without_mutual_tls_there_is_no_certificate()
    {
        await Mesh.ApplyMesh(SecureMesh with { Mtls = SecureMesh.Mtls! with { EnabledBackend = null } }, Operator);
        Assert.Null((await ConnectAsync(Api, "s1", Dataplane("api-1", "api"))).Result.View!.Identity);
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync("s1"));
    }

    [Fact]
    public async Task What_envoy_refuses_and_takes_again_is_recorded_once()
    {
        await ConnectAsync(Api, "s1", Dataplane("api-1", "api"));
        var rejection = new ConfigurationRejection("type", ["listener"], "no such filter");
        await Api.ReportAccepted("s1", "type");
        await Api.ReportRejected("s1", rejection);
        await Api.ReportRejected("s1", rejection);
        await Api.ReportAccepted("s1", "type");
        await Api.ReportAccepted("s1", "type");
        Assert.Equal(
            [new ConfigurationRejected(rejection), new ConfigurationAccepted("type")], (await _server.EventsAsync("proxy/default/api-1"))[^2..]);
    }

    private ICertificateAuthorityGrain Authority => _server.Grains.GetGrain<ICertificateAuthorityGrain>("default/ca-1");

    private IServiceGrain Service(string name) => _server.Grains.GetGrain<IServiceGrain>($"default/{name}");

    private async Task<List<int>> EndpointsAsync(string service)
    {
        List<int> ports = [];
        foreach (var set in (await _server.EventsAsync($"service/default/{service}")).OfType<EndpointsSet>())
            ports = [.. set.Endpoints.Select(e => e.Port)];
        return ports;
    }

    private async Task<RecordedCertificate> IssueAsync(string session)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return await Api.IssueCertificate(session, ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()));
    }

    private async Task<(ConnectResult Result, RecordingSession Session)> ConnectAsync(IProxyGrain proxy, string session, Dataplane? dataplane)
    {
        var observer = new RecordingSession();
        _sessions.Add(observer);
        var reference = _server.Grains.CreateObjectReference<IProxySessionObserver>(observer);
        return (await proxy.Connect(Connection(session, dataplane), reference, Proxy), observer);
    }
}
