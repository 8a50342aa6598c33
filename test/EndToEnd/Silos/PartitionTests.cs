using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>One of two servers cannot reach the database, the other can.</summary>
[Trait("Category", "Slow")]
public sealed class PartitionTests
{
    [SkippableFact]
    public async Task A_server_without_the_database_says_so_its_proxies_keep_enforcing_and_it_catches_up()
    {
        PostgresServer.Require();
        Checkout.Envoy();
        await using var fleet = await SiloFleet.StartAsync(2, relayed: true);
        var (cut, whole) = (fleet.Silos[0], fleet.Silos[1]);
        await cut.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await cut.ApplyAsync(Resources.PermissionPath("web-to-backend"), Resources.Permission("web-to-backend", "web", "backend"));

        // Each of the cut server alone, so that none of them goes over to the other.
        await using var backend = await ConnectedToAsync(cut, "backend-1", "backend");
        await using var web = await ConnectedToAsync(cut, "web-1", "web", "backend");
        await using var third = await ConnectedToAsync(cut, "third-1", "third", "backend");
        using var fromWeb = new HttpClient { BaseAddress = web.Sidecar.Spec.To("backend") };
        using var fromThird = new HttpClient { BaseAddress = third.Sidecar.Spec.To("backend") };
        await Eventually.BecomesTrue("web may call", async () => (await fromWeb.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        await Eventually.BecomesTrue("third may not", async () => (await fromThird.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden);
        await using var allowed = SteadyLoad.Start(fromWeb);
        await using var denied = SteadyLoad.Start(fromThird);

        fleet.Relay!.Cut();
        await Eventually.BecomesTrue(
            "it says that it is not ready", async () => (await cut.Diagnostics.GetAsync("/ready")).StatusCode == HttpStatusCode.ServiceUnavailable, explain: () => cut.Log);
        Assert.Equal(HttpStatusCode.OK, (await whole.Diagnostics.GetAsync("/ready")).StatusCode);
        await whole.ApplyAsync(Resources.PermissionPath("web-to-backend"), Resources.Permission("web-to-backend", "third", "backend"));
        await allowed.GoesOnFor(100);
        await denied.GoesOnFor(100);
        await allowed.StopAsync();
        await denied.StopAsync();
        Assert.All(allowed.Answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.All(denied.Answers, a => Assert.Equal(HttpStatusCode.Forbidden, a.Status));

        fleet.Relay.Heal();
        await Eventually.BecomesTrue("it is ready again", async () => (await cut.Diagnostics.GetAsync("/ready")).IsSuccessStatusCode, explain: () => cut.Log);
        await Eventually.BecomesTrue("third may call", async () => (await fromThird.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        await Eventually.BecomesTrue("web may not", async () => (await fromWeb.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden);
        Assert.Equal((await whole.GetAsync("/traffic-permissions")).ToJsonString(), (await cut.GetAsync("/traffic-permissions")).ToJsonString());
    }

    private static async Task<Workload> ConnectedToAsync(ServerProcess server, string name, string service, params string[] calls)
    {
        var echo = await EchoService.StartAsync(name);
        var sidecar = await Sidecar.StartAsync(server, new SidecarSpec(name, service, echo.Port).Calling(calls), only: server);
        await sidecar.ListensAsync();
        return new Workload(echo, sidecar);
    }
}
