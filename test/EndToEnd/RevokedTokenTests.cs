using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Envoy.Service.Discovery.V3;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>A token that is revoked: its stream is closed within a second, its proxy is not let in again, and what was enforced goes on being so.</summary>
[Trait("Category", "Slow")]
public sealed class RevokedTokenTests
{
    // A second, and as much again twice over for a machine that does other things.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    [SkippableFact]
    public async Task Its_stream_is_closed_within_a_second_it_is_refused_again_and_enforcement_goes_on()
    {
        await using var services = await TwoServices.StartAsync();
        var server = services.Server;
        await services.PermitAsync();
        await Eventually.BecomesTrue("web may call backend", async () => (await services.ToBackend.GetAsync("/")).StatusCode == HttpStatusCode.OK);
        var spec = new SidecarSpec("third-1", "third", 9).Calling("backend");
        var token = await server.TokenAsync("third-1", service: "third");
        await using var third = await Sidecar.StartAsync(server, spec, token);
        await third.ListensAsync();
        Assert.Equal(1, await third.StatAsync("control_plane.connected_state"));
        using var client = new HttpClient { BaseAddress = spec.To("backend") };
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/")).StatusCode);

        var refusals = await RefusalsAsync(server);
        using var revoked = await server.Api.PostAsJsonAsync("/meshes/default/dataplane-tokens/revocations", new { ids = new[] { TokenId.Of(token) } });
        Assert.True(revoked.IsSuccessStatusCode, await revoked.Content.ReadAsStringAsync());
        var since = Stopwatch.StartNew();
        await Eventually.BecomesTrue("the stream is closed", async () => !await IsOnlineAsync(server, "third-1"), TimeSpan.FromSeconds(10));
        Assert.True(since.Elapsed < Bound, $"the stream was closed after {since.Elapsed}");

        await Eventually.BecomesTrue("its Envoy tried again and was refused", async () => await RefusalsAsync(server) > refusals);
        Assert.False(await IsOnlineAsync(server, "third-1"));
        using var bootstrap = await Sidecar.PostBootstrapAsync(server, spec, token);
        Assert.Equal(HttpStatusCode.Unauthorized, bootstrap.StatusCode);

        // Its Envoy has what it had; it is let through no further than before, and the others are not disturbed.
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await services.ToBackend.GetAsync("/")).StatusCode);
        Assert.Equal(1, await services.Web.Sidecar.StatAsync("control_plane.connected_state"));
        Assert.DoesNotContain(token, server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_removed_ends_the_streams_of_its_tokens_and_a_token_of_another_mesh_opens_none()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await server.ApplyAsync("/meshes/other", Resources.MeshWithMtls("other"));
        var spec = new SidecarSpec("web-1", "web", 9);
        var old = await server.TokenAsync("web-1", service: "web");
        await Meshctl.RunAsync(server, "signing-keys", "add");
        var rotated = await server.TokenAsync("web-1", service: "web");
        await using var client = XdsClient.Connect(server, old);
        await client.SendAsync(new DeltaDiscoveryRequest { Node = XdsClient.NodeOf(spec), TypeUrl = XdsClient.ClusterType });
        await Eventually.BecomesTrue("the old key's token is good", () => IsOnlineAsync(server, "web-1"));

        await Meshctl.RunAsync(server, "signing-keys", "remove", "1");
        await Eventually.BecomesTrue("the stream is closed", async () => !await IsOnlineAsync(server, "web-1"));
        foreach (var (token, status) in new[] { (old, HttpStatusCode.Unauthorized), (await server.TokenAsync("web-1", "other", "web"), HttpStatusCode.Unauthorized), (rotated, HttpStatusCode.OK) })
        {
            using var bootstrap = await Sidecar.PostBootstrapAsync(server, spec, token);
            Assert.Equal(status, bootstrap.StatusCode);
        }
    }

    private static async Task<bool> IsOnlineAsync(ServerProcess server, string proxy)
    {
        using var response = await server.Api.GetAsync($"/meshes/default/dataplanes/{proxy}/_overview");
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;
        var subscriptions = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["dataplaneInsight"]?["subscriptions"]?.AsArray();
        return subscriptions is [.., { } last] && last["disconnectTime"] is null;
    }

    private static async Task<double> RefusalsAsync(ServerProcess server)
    {
        using var diagnostics = new HttpClient();
        var metrics = await diagnostics.GetStringAsync($"http://127.0.0.1:{server.DiagnosticsPort}/metrics");
        return metrics.Split('\n').Where(l => l.StartsWith("orleansmesh_xds_authentication_failures", StringComparison.Ordinal)).Sum(l => double.Parse(l.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
