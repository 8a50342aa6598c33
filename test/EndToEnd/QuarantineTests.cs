using System.Diagnostics;
using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>One of three replicas is quarantined: it is refused everywhere within a second, the other two notice nothing, and it comes back when it is lifted.</summary>
[Trait("Category", "Slow")]
public sealed class QuarantineTests : IAsyncLifetime
{
    private readonly List<Workload> _workloads = [];
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        Checkout.Envoy();
        _server = await ServerProcess.StartAsync();
        await _server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await _server.ApplyAsync(Resources.PermissionPath("to-backend"), Resources.Permission("to-backend", "web", "backend"));
        await _server.ApplyAsync(Resources.PermissionPath("to-web"), Resources.Permission("to-web", "backend", "web"));
    }

    public async Task DisposeAsync()
    {
        foreach (var workload in _workloads)
            await workload.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_quarantined_replica_is_refused_everywhere_within_a_second_and_the_others_go_on()
    {
        var backend = await StartAsync("backend-1", "backend", "web");
        var webs = new[] { await StartAsync("web-1", "web", "backend"), await StartAsync("web-2", "web", "backend"), await StartAsync("web-3", "web", "backend") };
        using var toBackend = new Clients(webs, "backend");
        using var toWeb = new HttpClient { BaseAddress = backend.Sidecar.Spec.To("web") };
        await Eventually.BecomesTrue("all three may call", async () => (await toBackend.StatusesAsync()).All(s => s == HttpStatusCode.OK));
        await Eventually.BecomesTrue("all three are called", async () => await backend.Sidecar.StatAsync("cluster.web.membership_healthy") == 3);
        await using var second = SteadyLoad.Start(toBackend[1]);
        await using var third = SteadyLoad.Start(toBackend[2]);
        await using var called = SteadyLoad.Start(toWeb);
        await using var stolen = SteadyLoad.Start(toBackend[0]);
        await called.GoesOnFor(20);

        await _server.ApplyAsync("/meshes/default/proxy-quarantines/stolen", """{"type": "ProxyQuarantine", "mesh": "default", "name": "stolen", "proxy": "web-1", "reason": "its key was found in a paste"}""");

        // Its certificate is valid and its connections are open; a request that is sent a second later is refused, and none is sent to it.
        var acknowledged = Stopwatch.GetTimestamp();
        await stolen.GoesOnFor(100);
        await called.GoesOnFor(50);
        bool IsLater(SteadyLoad.Answer a) => Stopwatch.GetElapsedTime(acknowledged, a.SentAt) > TimeSpan.FromSeconds(1);
        Assert.All(stolen.Answers.Where(IsLater), a => Assert.Equal(HttpStatusCode.Forbidden, a.Status));
        Assert.Contains(stolen.Answers, IsLater);
        Assert.All(called.Answers.Where(IsLater), a => Assert.NotEqual("web-1", a.Body));
        Assert.Contains(called.Answers, a => a.Body == "web-1");

        // Its stream is closed, and its token does not let it in again.
        await Eventually.BecomesTrue("its stream is closed", async () => await webs[0].Sidecar.StatAsync("control_plane.connected_state") == 0);
        using (var bootstrap = await Sidecar.PostBootstrapAsync(_server, webs[0].Sidecar.Spec, await _server.TokenAsync("web-1", service: "web")))
            Assert.Equal(HttpStatusCode.Unauthorized, bootstrap.StatusCode);

        await _server.DeleteAsync("/meshes/default/proxy-quarantines/stolen");
        await Eventually.BecomesTrue("it may call again", async () => (await toBackend.StatusesAsync())[0] == HttpStatusCode.OK);
        await Eventually.BecomesTrue("it is called again", async () => await backend.Sidecar.StatAsync("cluster.web.membership_healthy") == 3, TimeSpan.FromSeconds(90));

        foreach (var unharmed in new[] { second, third, called })
        {
            await unharmed.StopAsync();
            Assert.All(unharmed.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
        }
    }

    private async Task<Workload> StartAsync(string name, string service, params string[] calls)
    {
        var workload = await Workload.StartAsync(_server, name, service, calls);
        _workloads.Add(workload);
        return workload;
    }

    /// <summary>Each calls a service through its own sidecar.</summary>
    private sealed class Clients(Workload[] from, string service) : IDisposable
    {
        private readonly HttpClient[] _clients = [.. from.Select(w => new HttpClient { BaseAddress = w.Sidecar.Spec.To(service) })];

        public HttpClient this[int index] => _clients[index];

        public async Task<HttpStatusCode[]> StatusesAsync() => await Task.WhenAll(_clients.Select(async client =>
        {
            using var response = await client.GetAsync("/");
            return response.StatusCode;
        }));

        public void Dispose()
        {
            foreach (var client in _clients)
                client.Dispose();
        }
    }
}
