using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Envoy.Service.Discovery.V3;
using OrleansMesh.Load.Tests.Harness;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Tests;

/// <summary>The load generator against a real server, seen through a relay that cheats: what a sidecar misses must be said, and what is late must look late.</summary>
[Trait("Category", "Slow")]
[Collection(OneAtATime)]
public sealed class LoadCommandTests(RealServer server) : IClassFixture<RealServer>
{
    /// <summary>Tests that run the command: it has the console to itself, and the processors.</summary>
    internal const string OneAtATime = "the load generator's command";

    private const string Victim = "proxy-000003";

    [Theory]
    [InlineData("--delta")]
    [InlineData("--sotw")]
    public async Task A_server_that_withholds_nothing_passes(string variant)
    {
        var (exitCode, results) = await RunAsync(
            server.DpServer, server.Server.AuthorityFile, variant,
            "--patience", "60", "--scenarios", "hot-endpoint", "cold-endpoint", "mesh-permission", "service-permission", "rolling-deploy");
        Assert.Equal(0, exitCode);
        Assert.True(results["passed"]!.GetValue<bool>());
        Assert.Equal(8, Scenario(results, "hot endpoint added")["receivers"]!.GetValue<int>());
        Assert.Equal(8, Scenario(results, "mesh-wide permission withdrawn")["receivers"]!.GetValue<int>());
        Assert.Equal(2, Scenario(results, "one-service permission added")["receivers"]!.GetValue<int>());
        Assert.True(Scenario(results, "rolling deploy, joined")["receivers"]!.GetValue<int>() > 0);
        Assert.True(Scenario(results, "storm")["serverCpuSeconds"]!.GetValue<double>() > 0);
        Assert.True(Scenario(results, "storm")["bytes"]!.GetValue<long>() > 0);
    }

    /// <summary>As many sidecars as there are types, each of which is not given one resource of another type; two more are given everything.</summary>
    [Fact]
    public async Task A_resource_that_one_sidecar_is_not_given_is_reported()
    {
        var withheld = new ConcurrentDictionary<string, string>();
        var victims = ResourceType.All.ToDictionary(t => $"proxy-{t.Index:000000}", t => t);
        var (exitCode, results) = await RunThroughAsync(
            (proxy, response) =>
            {
                if (victims.TryGetValue(proxy, out var type) && response.TypeUrl == type.Url && response.Resources.Count > 0)
                {
                    var name = withheld.GetOrAdd(proxy, response.Resources[0].Name);
                    foreach (var resource in response.Resources.Where(r => r.Name == name).ToArray())
                        response.Resources.Remove(resource);
                }

                return Task.CompletedTask;
            },
            "--scenarios", "none", "--services", "2", "--outbounds", "2");
        Assert.Equal(1, exitCode);
        Assert.Equal(victims.Keys.Order(), withheld.Keys.Order());
        var missed = Missed(results, "storm").ToDictionary(m => m.Split(' ')[0]);
        Assert.Equal(victims.Keys.Order(), missed.Keys.Order());
        foreach (var (victim, type) in victims.Where(v => v.Value != ResourceType.Listener))
            Assert.Contains($"{type} '{withheld[victim]}'", missed[victim], StringComparison.Ordinal);
        Assert.Contains("lacks a listener at", missed[victims.Single(v => v.Value == ResourceType.Listener).Key], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_one_sidecar_is_not_given_is_reported()
    {
        var (exitCode, results) = await RunThroughAsync(
            (proxy, response) =>
            {
                foreach (var resource in response.Resources.Where(r => proxy == Victim && IsMarked(r)).ToArray())
                    response.Resources.Remove(resource);
                return Task.CompletedTask;
            },
            "--scenarios", "hot-endpoint");
        Assert.Equal(1, exitCode);
        Assert.Empty(Missed(results, "storm"));
        Assert.StartsWith(Victim, Assert.Single(Missed(results, "hot endpoint added")), StringComparison.Ordinal);
        Assert.Equal(7, Scenario(results, "hot endpoint added")["receivers"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_change_that_comes_late_is_measured_as_late()
    {
        var (exitCode, results) = await RunThroughAsync(
            (proxy, response) => proxy == Victim && response.Resources.Any(IsMarked) ? Task.Delay(TimeSpan.FromSeconds(1)) : Task.CompletedTask,
            "--scenarios", "hot-endpoint");
        Assert.Equal(0, exitCode);
        Assert.True(Scenario(results, "hot endpoint added")["maxMilliseconds"]!.GetValue<double>() >= 1000);
    }

    [Fact]
    public async Task A_sidecar_whose_connection_is_cut_is_reported_with_the_reason()
    {
        var (exitCode, results) = await RunThroughAsync(
            (proxy, _) => proxy == Victim ? throw new IOException("cut") : Task.CompletedTask, "--scenarios", "none");
        Assert.Equal(1, exitCode);
        Assert.All(Missed(results, "storm"), missed => Assert.StartsWith(Victim, missed, StringComparison.Ordinal));
        Assert.True(Scenario(results, "storm")["disconnects"]!.GetValue<long>() > 0);
    }

    /// <summary>A stream brings the first permissions and none of the later ones: a fresh one brings the newest.</summary>
    [Fact]
    public async Task A_sidecar_that_came_to_hold_something_else_than_a_fresh_connection_is_given_is_reported()
    {
        var permissions = new ConcurrentDictionary<string, int>();
        var (exitCode, results) = await RunThroughAsync(
            (proxy, response) =>
            {
                // A stream's nonces begin anew.
                if (response.Nonce == "1")
                    permissions[proxy] = 0;
                if (response.TypeUrl == ResourceType.Extension.Url && permissions.AddOrUpdate(proxy, 1, (_, before) => before + 1) > 1)
                    response.Resources.Clear();
                return Task.CompletedTask;
            },
            "--soak", "8s");
        Assert.Equal(1, exitCode);
        Assert.NotEmpty(Missed(results, "soak"));
        Assert.All(Missed(results, "soak"), missed => Assert.Contains(" held another Extension", missed, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_soak_ends_with_everybody_holding_what_a_fresh_connection_is_given()
    {
        var (exitCode, results) = await RunAsync(
            server.DpServer, server.Server.AuthorityFile, "--patience", "60", "--proxies", "40", "--services", "20", "--outbounds", "5", "--soak", "15s");
        Assert.Empty(Missed(results, "soak"));
        Assert.Equal(0, exitCode);
        foreach (var happened in (string[])["joins", "leaves", "vanishes", "breaks", "permission flips", "endpoint flips", "token errors"])
            Assert.Contains(happened, Scenario(results, "soak")["note"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static bool IsMarked(Resource resource) => resource.Resource_.Value.Span.IndexOf("198.18."u8) >= 0;

    private async Task<(int ExitCode, JsonNode Results)> RunThroughAsync(Func<string, DeltaDiscoveryResponse, Task> change, params string[] arguments)
    {
        await using var relay = await Relay.StartAsync(server.DpServer, server.AuthorityPem);
        relay.Change = change;
        return await RunAsync(relay.Address, relay.AuthorityFile, ["--patience", "15", .. arguments]);
    }

    /// <summary>Eight sidecars of four services, three outbounds each.</summary>
    private async Task<(int ExitCode, JsonNode Results)> RunAsync(Uri dpServer, string authorityFile, params string[] arguments)
    {
        var json = Path.GetTempFileName();
        try
        {
            var exitCode = await LoadCommand.InvokeAsync(
            [
                .. arguments.Contains("--proxies") ? Array.Empty<string>() : ["--proxies", "8"],
                .. arguments.Contains("--services") ? Array.Empty<string>() : ["--services", "4", "--outbounds", "3"],
                "--rounds", "1", "--mesh", $"load-{Guid.NewGuid():N}", "--json", json,
                "--server", server.Server.Api.ToString(), "--dp-server", dpServer.ToString(), "--ca-file", authorityFile, "--server-pid", $"{server.Server.Id}",
                .. arguments,
            ]);
            return (exitCode, JsonNode.Parse(await File.ReadAllTextAsync(json))!);
        }
        finally
        {
            File.Delete(json);
        }
    }

    private static JsonNode Scenario(JsonNode results, string name) => results["scenarios"]!.AsArray().Single(s => s!["name"]!.GetValue<string>() == name)!;

    private static IReadOnlyList<string> Missed(JsonNode results, string name) => [.. Scenario(results, name)["missed"]!.AsArray().Select(m => m!.GetValue<string>())];
}
