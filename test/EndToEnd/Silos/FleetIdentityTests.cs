using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Envoy.Service.Discovery.V3;
using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>Who is shut out through one server of a fleet is shut out at each of them.</summary>
[Trait("Category", "Slow")]
public sealed class FleetIdentityTests
{
    // A second, and as much again several times over for a machine that does other things.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [SkippableFact]
    public async Task A_quarantine_and_a_revocation_through_one_server_hold_at_another()
    {
        PostgresServer.Require();
        Checkout.Envoy();
        await using var fleet = await SiloFleet.StartAsync(2);
        var (asked, serving) = (fleet.Silos[0], fleet.Silos[1]);
        await asked.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await asked.ApplyAsync(Resources.PermissionPath("to-backend"), Resources.Permission("to-backend", "web", "backend"));
        await using var echo = await EchoService.StartAsync("backend-1");
        await using var backend = await Sidecar.StartAsync(serving, new SidecarSpec("backend-1", "backend", echo.Port), await TokenAsync("backend-1", "backend"), only: serving);
        await using var web = await Sidecar.StartAsync(serving, new SidecarSpec("web-1", "web", 9).Calling("backend"), await TokenAsync("web-1", "web"), only: serving);
        using var toBackend = new HttpClient { BaseAddress = web.Spec.To("backend") };
        await Eventually.BecomesTrue("web may call", async () => (await toBackend.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        var other = new SidecarSpec("other-1", "other", 9);
        var token = await TokenAsync("other-1", "other");
        await using var client = XdsClient.Connect(serving, token);
        await client.SendAsync(new DeltaDiscoveryRequest { Node = XdsClient.NodeOf(other), TypeUrl = XdsClient.ClusterType });
        Assert.NotNull(await client.ReceiveAsync());

        await asked.ApplyAsync("/meshes/default/proxy-quarantines/stolen", """{"type": "ProxyQuarantine", "mesh": "default", "name": "stolen", "proxy": "web-1"}""");
        var since = Stopwatch.StartNew();
        await Eventually.BecomesTrue("web is refused by the proxies of the other server", async () => (await toBackend.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden);
        Assert.True(since.Elapsed < Bound, $"it was refused after {since.Elapsed}");
        await Eventually.BecomesTrue("its stream is closed", async () => await web.StatAsync("control_plane.connected_state") == 0);

        using var revoked = await asked.Api.PostAsJsonAsync("/meshes/default/dataplane-tokens/revocations", new { ids = new[] { TokenId.Of(token) } });
        Assert.True(revoked.IsSuccessStatusCode, await revoked.Content.ReadAsStringAsync());
        since.Restart();
        await client.StatusAsync().WaitAsync(Eventually.Patience);
        Assert.True(since.Elapsed < Bound, $"the stream was closed after {since.Elapsed}");
        using (var bootstrap = await Sidecar.PostBootstrapAsync(serving, other, token))
            Assert.Equal(HttpStatusCode.Unauthorized, bootstrap.StatusCode);

        // Others of that server's proxies are not disturbed.
        Assert.Equal(1, await backend.StatAsync("control_plane.connected_state"));

        async Task<string> TokenAsync(string name, string service) => await serving.TokenAsync(name, service: service);
    }
}
