using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>Replicas come and go under load, and no request fails.</summary>
[Trait("Category", "Slow")]
public sealed class ReplicaTests : IAsyncLifetime
{
    private TwoServices _services = null!;

    public async Task InitializeAsync()
    {
        _services = await TwoServices.StartAsync();
        await _services.PermitAsync();
        await Eventually.BecomesTrue("backend answers", async () => (await _services.ToBackend.GetAsync("/")).StatusCode == HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_second_replica_gets_traffic_and_recomputes_no_listener_of_its_callers()
    {
        var before = await UpdatesAsync(_services.Web.Sidecar);
        await using var load = SteadyLoad.Start(_services.ToBackend);

        await using var second = await Workload.StartAsync(_services.Server, "backend-2", "backend");

        await Eventually.BecomesTrue("the second replica answers", () => Task.FromResult(load.Answers.Any(a => a.Body == "backend-2")));
        await load.StopAsync();
        Assert.All(load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
        Assert.Equal(before, await UpdatesAsync(_services.Web.Sidecar));
    }

    /// <summary>
    /// The replica says that it leaves, and is stopped when its callers know. Beyond that this relies on nothing but the retries that every outbound has: of
    /// requests that certainly reached no workload.
    /// </summary>
    [SkippableFact]
    public async Task A_replica_that_leaves_takes_no_request_with_it()
    {
        await using var echo = await EchoService.StartAsync("backend-2");
        var spec = new SidecarSpec("backend-2", "backend", echo.Port);
        await using var second = await MeshctlProxy.StartAsync(_services.Server, spec);
        await _services.WebKnowsAsync("backend", endpoints: 2);
        await using var load = SteadyLoad.Start(_services.ToBackend);
        await Eventually.BecomesTrue("the second replica answers", () => Task.FromResult(load.Answers.Any(a => a.Body == "backend-2")));

        var exitCode = await second.TerminateAsync();

        await _services.WebKnowsAsync("backend", endpoints: 1);
        await load.GoesOnFor(50);
        await load.StopAsync();
        Assert.Equal(0, exitCode);
        Assert.All(load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
        Assert.Equal("backend-1", load.Answers.Last().Body);
    }

    /// <summary>A replica that dies without a word: its callers retry on another until its endpoint is withdrawn, after the grace period.</summary>
    [SkippableFact]
    public async Task A_replica_that_is_killed_is_replaced_by_retries_until_its_endpoint_is_withdrawn()
    {
        await using var second = await Workload.StartAsync(_services.Server, "backend-2", "backend");
        await _services.WebKnowsAsync("backend", endpoints: 2);

        await second.Sidecar.KillAsync();
        await using var load = SteadyLoad.Start(_services.ToBackend);

        await _services.WebKnowsAsync("backend", endpoints: 1);
        await load.GoesOnFor(50);
        await load.StopAsync();
        Assert.All(load.Answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status} {a.Body}"));
    }

    private static async Task<string> UpdatesAsync(Sidecar sidecar)
        => string.Join(", ", (await sidecar.StatsAsync(@"^(listener_manager\.lds|cluster_manager\.cds)\.update_success$")).OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Value}"));
}
