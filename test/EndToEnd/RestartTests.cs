using System.Net;
using System.Text.Json.Nodes;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>The control plane dies and comes back; traffic and enforcement never notice.</summary>
[Trait("Category", "Slow")]
public sealed class RestartTests
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_killed_server_stops_nothing_and_its_restart_disturbs_no_proxy(bool delta)
    {
        Checkout.Envoy();
        await using var server = await ServerProcess.StartAsync();
        await server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await server.ApplyAsync(Resources.PermissionPath("web-to-backend"), Resources.Permission("web-to-backend", "web", "backend"));
        await using var echo = await EchoService.StartAsync("backend-1");
        await using var backend = await Sidecar.StartAsync(server, new SidecarSpec("backend-1", "backend", echo.Port), delta: delta);
        await using var web = await Sidecar.StartAsync(server, new SidecarSpec("web-1", "web", 9).Calling("backend"), delta: delta);
        await using var third = await Sidecar.StartAsync(server, new SidecarSpec("third-1", "third", 9).Calling("backend"), delta: delta);
        foreach (var sidecar in (Sidecar[])[backend, web, third])
            await sidecar.ListensAsync();
        using var fromWeb = new HttpClient { BaseAddress = web.Spec.To("backend") };
        using var fromThird = new HttpClient { BaseAddress = third.Spec.To("backend") };
        await Eventually.BecomesTrue("web may call", async () => (await fromWeb.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        await Eventually.BecomesTrue("third may not", async () => (await fromThird.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden);
        var resources = await ResourcesAsync(server);
        var updates = await ConfigurationUpdates.OfAsync(web, backend);
        await using var allowed = SteadyLoad.Start(fromWeb);
        await using var denied = SteadyLoad.Start(fromThird);
        await allowed.GoesOnFor(20);

        await server.KillAsync();
        await allowed.GoesOnFor(100);
        var connectsBefore = await ConnectsAsync(web, backend, third);
        await server.RestartAsync();
        await Eventually.BecomesTrue("every proxy is connected again", async () =>
        {
            var connects = await ConnectsAsync(web, backend, third);
            return connects.All(c => c.Connected == 1);
        });
        await allowed.GoesOnFor(100);
        await denied.GoesOnFor(20);
        await allowed.StopAsync();
        await denied.StopAsync();

        Assert.Equal(3, connectsBefore.Count);
        Assert.All(allowed.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
        Assert.All(denied.Answers, a => Assert.True(a.Status == HttpStatusCode.Forbidden, $"{a.Status} {a.Body}"));
        Assert.Equal(resources, await ResourcesAsync(server));
        Assert.Equal(updates, await ConfigurationUpdates.OfAsync(web, backend));

        // What is decided after the restart still reaches them.
        await server.DeleteAsync(Resources.PermissionPath("web-to-backend"));
        await Eventually.BecomesTrue("web is refused", async () => (await fromWeb.GetAsync("/")).StatusCode == HttpStatusCode.Forbidden);
    }

    private static async Task<string> ResourcesAsync(ServerProcess server)
    {
        var all = new JsonArray();
        foreach (var path in (string[])["/meshes", "/dataplanes", "/traffic-permissions"])
            all.Add((await server.GetAsync(path)).DeepClone());
        return all.ToJsonString();
    }

    private static async Task<List<(string Name, long Connected)>> ConnectsAsync(params Sidecar[] sidecars)
    {
        var connects = new List<(string, long)>();
        foreach (var sidecar in sidecars)
            connects.Add((sidecar.Spec.Name, await sidecar.StatAsync("control_plane.connected_state")));
        return connects;
    }
}
