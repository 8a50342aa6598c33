using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EndToEnd.Tests.Silos;

/// <summary>Envoys whose bootstrap names two servers, of which each dies in turn.</summary>
[Trait("Category", "Slow")]
public sealed class OtherServerTests
{
    [SkippableFact]
    public async Task An_envoy_goes_on_to_the_server_that_lives_and_is_sent_nothing_that_it_holds()
    {
        PostgresServer.Require();
        Checkout.Envoy();
        await using var fleet = await SiloFleet.StartAsync(2);
        var (first, second) = (fleet.Silos[0], fleet.Silos[1]);
        await first.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await first.ApplyAsync(Resources.PermissionPath("web-to-backend"), Resources.Permission("web-to-backend", "web", "backend"));
        await using var backend = await Workload.StartAsync(first, "backend-1", "backend");
        await using var web = await Workload.StartAsync(second, "web-1", "web", "backend");
        using var fromWeb = new HttpClient { BaseAddress = web.Sidecar.Spec.To("backend") };
        await Eventually.BecomesTrue("web may call", async () => (await fromWeb.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        await using var load = SteadyLoad.Start(fromWeb);
        await load.GoesOnFor(50);
        var updates = await ConfigurationUpdates.OfAsync(web.Sidecar, backend.Sidecar);

        foreach (var (dying, living) in ((ServerProcess, ServerProcess)[])[(first, second), (second, first)])
        {
            await dying.KillAsync();
            await Eventually.BecomesTrue(
                "both are connected to the server that lives",
                async () => await IsOnlineAsync(living, "web-1") && await IsOnlineAsync(living, "backend-1"),
                explain: () => living.Log);
            await load.GoesOnFor(50);
            Assert.Equal(updates, await ConfigurationUpdates.OfAsync(web.Sidecar, backend.Sidecar));
            await dying.RestartAsync();
        }

        await load.StopAsync();
        Assert.All(load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));

        // What any server is told still reaches them.
        await second.DeleteAsync(Resources.PermissionPath("web-to-backend"));
        await Eventually.BecomesTrue("web is refused", async () => (await fromWeb.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden);
    }

    /// <summary>Whether the proxy's stream is with that very server.</summary>
    private static async Task<bool> IsOnlineAsync(ServerProcess server, string proxy)
    {
        var instance = (await server.GetAsync("/"))["instanceId"]!.GetValue<string>();
        var last = (await server.GetAsync($"/meshes/default/dataplanes+insights/{proxy}"))["dataplaneInsight"]!["subscriptions"]!.AsArray()[^1]!;
        return last["controlPlaneInstanceId"]!.GetValue<string>() == instance && last["disconnectTime"] is null;
    }
}
