using System.Diagnostics;
using System.Net;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>A permission lets its sources in, as whom they are, for as long as it stands.</summary>
[Trait("Category", "Slow")]
public sealed class PermissionTests : IAsyncLifetime
{
    private TwoServices _services = null!;

    public async Task InitializeAsync() => _services = await TwoServices.StartAsync();

    public async Task DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_permitted_call_arrives_with_the_callers_identity()
    {
        await _services.PermitAsync();

        await Answers(_services.ToBackend, HttpStatusCode.OK);

        Assert.Equal("backend-1", await _services.ToBackend.GetStringAsync("/"));
        Assert.Contains("URI=spiffe://default/web", _services.Backend.Service.Seen.Last().ClientCertificate, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_forged_identity_header_does_not_arrive()
    {
        await _services.PermitAsync();
        await Answers(_services.ToBackend, HttpStatusCode.OK);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/forged");
        request.Headers.Add("x-forwarded-client-cert", "By=spiffe://default/backend;URI=spiffe://default/admin");

        using var response = await _services.ToBackend.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = _services.Backend.Service.Seen.Single(r => r.Path == "/forged").ClientCertificate;
        Assert.DoesNotContain("admin", seen, StringComparison.Ordinal);
        Assert.Contains("URI=spiffe://default/web", seen, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_service_that_is_not_a_source_stays_refused()
    {
        await _services.PermitAsync();
        await Answers(_services.ToBackend, HttpStatusCode.OK);
        await using var third = await Workload.StartAsync(_services.Server, "third-1", "third", "backend");
        using var fromThird = new HttpClient { BaseAddress = third.Sidecar.Spec.To("backend") };
        await Eventually.BecomesTrue("third knows backend", async () => await third.Sidecar.StatAsync("cluster.backend.membership_healthy") == 1);
        var seenBefore = _services.Backend.Service.Seen.Count;

        using var response = await fromThird.GetAsync("/");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(seenBefore, _services.Backend.Service.Seen.Count);
    }

    [SkippableFact]
    public async Task A_withdrawn_permission_refuses_the_next_request_of_a_connection_that_stays_open()
    {
        await _services.PermitAsync();
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = _services.Web.Sidecar.Spec.To("backend") };
        await Answers(client, HttpStatusCode.OK);
        var before = await ConnectionsAsync();

        await _services.WithdrawAsync();
        await Answers(client, HttpStatusCode.Forbidden);

        Assert.Equal(1, connections);
        Assert.Equal(before, await ConnectionsAsync());
    }

    [SkippableFact]
    public async Task Fifty_flips_under_load_give_nothing_but_200_and_403_each_in_force_within_a_second()
    {
        await _services.PermitAsync();
        await Answers(_services.ToBackend, HttpStatusCode.OK);
        var before = await ConnectionsAsync();
        await using var load = SteadyLoad.Start(_services.ToBackend);

        var late = new List<string>();
        for (var flip = 1; flip <= 50; flip++)
        {
            var permitted = flip % 2 == 0;
            if (permitted)
                await _services.PermitAsync();
            else
                await _services.WithdrawAsync();

            // A request that is sent a second after the change was acknowledged meets the new rule.
            var acknowledged = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(1.2));
            var expected = permitted ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
            var wrong = load.Answers.Where(a => Stopwatch.GetElapsedTime(acknowledged, a.SentAt) > TimeSpan.FromSeconds(1) && a.Status != expected).ToList();
            if (wrong.Count > 0)
                late.Add($"flip {flip}: {wrong.Count} answers were not {expected} a second later");
            Assert.Contains(load.Answers, a => a.SentAt > acknowledged);
        }

        await load.StopAsync();
        Assert.Empty(late);
        Assert.All(load.Answers, a => Assert.True(a.Status is HttpStatusCode.OK or HttpStatusCode.Forbidden, $"{a.Status} {a.Body}"));
        Assert.Contains(load.Answers, a => a.Status == HttpStatusCode.OK);
        Assert.Contains(load.Answers, a => a.Status == HttpStatusCode.Forbidden);
        Assert.Equal(before, await ConnectionsAsync());
    }

    /// <summary>What tells that a connection between the sidecars was closed or failed: all of it must stand still.</summary>
    private async Task<string> ConnectionsAsync()
    {
        var stats = await _services.Web.Sidecar.StatsAsync(
            @"^cluster\.backend\.upstream_cx_(total|destroy|destroy_local|destroy_remote|connect_fail|destroy_with_active_rq)$");
        return string.Join(", ", stats.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}"));
    }

    private static Task Answers(HttpClient client, HttpStatusCode expected) => Eventually.BecomesTrue($"the answer is {expected}", async () =>
    {
        using var response = await client.GetAsync("/");
        return response.StatusCode == expected;
    });
}
