using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>Two meshes whose services have the same names never meet, not even where one is led to the other's port.</summary>
[Trait("Category", "Slow")]
public sealed class TwoMeshesTests : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _started = [];
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        Checkout.Envoy();
        _server = await ServerProcess.StartAsync();
        foreach (var mesh in new[] { "one", "two" })
        {
            await _server.ApplyAsync($"/meshes/{mesh}", Resources.MeshWithMtls(mesh));
            await _server.ApplyAsync(Resources.PermissionPath("all", mesh), Resources.Permission("all", "*", "*", mesh));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
            await started.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [SkippableFact]
    public async Task Proxies_of_two_meshes_refuse_each_other_although_their_services_have_the_same_names()
    {
        var (firstEcho, first) = await StartAsync("one", "backend-1", "backend", "first");
        var (secondEcho, _) = await StartAsync("two", "backend-1", "backend", "second");
        var (_, webOne) = await StartAsync("one", "web-1", "web", "web", "backend");
        var (_, webTwo) = await StartAsync("two", "web-1", "web", "web", "backend");
        using var fromOne = new HttpClient { BaseAddress = webOne.Spec.To("backend") };
        using var fromTwo = new HttpClient { BaseAddress = webTwo.Spec.To("backend") };
        await Eventually.BecomesTrue("each calls its own", async () => await BodyAsync(fromOne) == "first" && await BodyAsync(fromTwo) == "second");

        // Mesh two claims the port of mesh one's backend for its own service: its callers are led there, and find no identity that they trust.
        await _server.ApplyAsync("/meshes/two/dataplanes/lure", $$$"""
            {"type": "Dataplane", "mesh": "two", "name": "lure", "networking": {"address": "127.0.0.1", "inbound": [
              {"port": {{{first.Spec.InboundPort}}}, "servicePort": 9, "tags": {"kuma.io/service": "backend", "kuma.io/protocol": "http"}}]}}
            """);
        await Eventually.BecomesTrue("the callers know the port", async () => await webTwo.StatAsync("cluster.backend.membership_healthy") == 2);
        var seen = firstEcho.Seen.Count;
        await using (var load = SteadyLoad.Start(fromTwo))
        {
            await Eventually.BecomesTrue("a handshake fails", async () => await webTwo.StatAsync("cluster.backend.ssl.fail_verify_error") > 0);
            await load.GoesOnFor(50);
            await load.StopAsync();
            Assert.DoesNotContain(load.Answers, a => a.Body == "first");
            Assert.Contains(load.Answers, a => a is { Status: HttpStatusCode.OK, Body: "second" });
        }

        Assert.Equal(seen, firstEcho.Seen.Count);
        Assert.NotEmpty(secondEcho.Seen);
        Assert.Equal("first", await BodyAsync(fromOne));

        // A token of the one is nothing in the other.
        using var bootstrap = await Sidecar.PostBootstrapAsync(_server, webTwo.Spec, await _server.TokenAsync("web-1", "one", "web"));
        Assert.Equal(HttpStatusCode.Unauthorized, bootstrap.StatusCode);
    }

    [SkippableFact]
    public async Task A_mesh_with_dataplanes_is_not_deleted_and_one_without_takes_nothing_from_another()
    {
        var (_, proxy) = await StartAsync("one", "web-1", "web", "web");
        await StartAsync("two", "web-1", "web", "web");

        using (var refused = await _server.Api.DeleteAsync("/meshes/one"))
        {
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("1 (web-1)", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await proxy.KillAsync();
        await Eventually.BecomesTrue("the last proxy is gone for good", async () => (await _server.Api.DeleteAsync("/meshes/one")).IsSuccessStatusCode, TimeSpan.FromSeconds(90));
        Assert.Equal(HttpStatusCode.NotFound, (await _server.Api.GetAsync("/meshes/one")).StatusCode);
        Assert.Equal(1, (await _server.GetAsync("/meshes/two/dataplanes"))["total"]!.GetValue<int>());
    }

    private async Task<(EchoService Service, Sidecar Sidecar)> StartAsync(string mesh, string name, string service, string answer, params string[] calls)
    {
        var echo = await EchoService.StartAsync(answer);
        _started.Add(echo);
        var sidecar = await Sidecar.StartAsync(_server, new SidecarSpec(name, service, echo.Port, Mesh: mesh).Calling(calls));
        _started.Add(sidecar);
        await sidecar.ListensAsync();
        return (echo, sidecar);
    }

    private static async Task<string> BodyAsync(HttpClient client) => await (await client.GetAsync("/")).Content.ReadAsStringAsync();
}
