using System.Text.Json.Nodes;
using OrleansMesh.EndToEnd.Tests.Harness;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>A client that nobody here wrote reads a service from the gateway: gRPC's own xDS client for Node.js, in the state-of-the-world variant.</summary>
[Trait("Category", "Slow")]
public sealed class IndependentClientTests
{
    [SkippableFact]
    public async Task Grpcs_own_xds_client_reads_a_cluster_and_its_endpoints()
    {
        var script = await NodeClient.InstallAsync();
        await using var server = await ServerProcess.StartAsync();
        var replicas = new[] { new SidecarSpec("backend-1", "backend", 9, "grpc"), new SidecarSpec("backend-2", "backend", 9, "grpc") };
        foreach (var replica in replicas)
            await server.ApplyAsync($"/meshes/default/dataplanes/{replica.Name}", replica.Json);
        var spec = new SidecarSpec("client-1", "client", 9).Calling("backend");
        await using var relay = await XdsRelay.StartAsync(server, await server.TokenAsync("client-1", service: "client"));

        // Channel credentials of this client cannot bear a token: the relay brings it, and TLS.
        var bootstrap = new JsonObject
        {
            ["xds_servers"] = new JsonArray(new JsonObject
            {
                ["server_uri"] = $"127.0.0.1:{relay.Port}",
                ["channel_creds"] = new JsonArray(new JsonObject { ["type"] = "insecure" }),
                ["server_features"] = new JsonArray("xds_v3"),
            }),
            ["node"] = new JsonObject
            {
                ["id"] = "default.client-1",
                ["locality"] = new JsonObject(),
                ["metadata"] = new JsonObject { ["dataplane.resource"] = spec.Json },
            },
        };
        await using var node = ChildProcess.Start(
            "node", new Dictionary<string, string> { ["GRPC_XDS_BOOTSTRAP_CONFIG"] = bootstrap.ToJsonString() }, script, "backend", "2");
        await node.WaitForExitAsync();

        Assert.True(node.ExitCode == 0, node.Output);
        var read = JsonNode.Parse(node.Output.Split('\n').Single(line => line.StartsWith('{')))!;
        Assert.Equal("backend", read["cluster"]!.GetValue<string>());
        Assert.Equal("EDS", read["type"]!.GetValue<string>());
        Assert.Equal(replicas.Select(r => $"127.0.0.1:{r.InboundPort}").Order(StringComparer.Ordinal), read["endpoints"]!.AsArray().Select(e => e!.GetValue<string>()));
    }
}
