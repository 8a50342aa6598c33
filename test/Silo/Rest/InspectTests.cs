using System.Security.Cryptography;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Tests.Rest;

public sealed class InspectTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task What_kumactl_reads_of_a_proxy_that_never_connected_is_there()
    {
        await MeshWithWeb("quiet");

        var overview = Assert.Single((await server.GetAsync("/meshes/quiet/dataplanes/_overview")).Items)!;
        Assert.Equal(("DataplaneOverview", "quiet", "web-1"), ((string?)overview["type"], (string?)overview["mesh"], (string?)overview["name"]));
        Assert.Equal("web", (string?)overview["dataplane"]!["networking"]!["inbound"]![0]!["tags"]!["kuma.io/service"]);
        Assert.Null(overview["dataplaneInsight"]);
        foreach (var path in new[] { "/meshes/quiet/dataplanes+insights/web-1", "/meshes/quiet/dataplanes/web-1/_overview" })
            Assert.Equal(overview.ToJsonString(), (await server.GetAsync(path)).Json.ToJsonString());
        foreach (var path in new[] { "/meshes/quiet/dataplanes+insights", "/dataplanes+insights", "/dataplanes/_overview" })
            Assert.Contains("web-1", (await server.GetAsync(path)).Items.Select(i => (string?)i!["name"]));
        Assert.Equal(404, (await server.GetAsync("/meshes/quiet/dataplanes/nosuch/_overview")).Status);

        var service = Assert.Single((await server.GetAsync("/meshes/quiet/service-insights")).Items)!;
        Assert.Equal(("web", "offline", 1, 1), ((string?)service["name"], (string?)service["status"], (int)service["dataplanes"]!["total"]!, (int)service["dataplanes"]!["offline"]!));
        var mesh = (await server.GetAsync("/mesh-insights")).Items.Single(m => (string?)m!["name"] == "quiet")!;
        Assert.Equal((1, 1), ((int)mesh["dataplanes"]!["offline"]!, (int)mesh["services"]!["internal"]!));
        Assert.Equal(1, (int)mesh["dpVersions"]!["envoy"]!["unknown"]!["total"]!);
    }

    [Fact]
    public async Task A_connected_proxy_shows_its_connection_and_what_envoy_refused()
    {
        await MeshWithWeb("busy", mtls: true);
        var proxy = server.Server.Services.GetRequiredService<IGrainFactory>().GetGrain<IProxyGrain>("busy/web-1");
        var observer = new SilentSession();
        var reference = server.Server.Services.GetRequiredService<IGrainFactory>().CreateObjectReference<IProxySessionObserver>(observer);
        var connected = await proxy.Connect(new("session-1", null, new("1.40.0", "2.14.3", "delta")), reference, new("proxy:busy/web-1"));
        Assert.Null(connected.Refusal);
        await proxy.ReportRejected("session-1", new("type.googleapis.com/envoy.config.listener.v3.Listener", ["inbound"], "Envoy's own words"));
        await Caught();

        var subscription = (await server.GetAsync("/meshes/busy/dataplanes+insights/web-1")).Json["dataplaneInsight"]!["subscriptions"]![0]!;
        Assert.Equal(("session-1", "1.40.0", "2.14.3", "1"), (
            (string?)subscription["id"],
            (string?)subscription["version"]!["envoy"]!["version"],
            (string?)subscription["version"]!["kumaDp"]!["version"],
            (string?)subscription["status"]!["total"]!["responsesRejected"]));
        Assert.Null(subscription["disconnectTime"]);

        var inspection = (await server.GetAsync("/meshes/busy/dataplanes/web-1/_inspect")).Json;
        Assert.Equal(("online", "delta"), ((string?)inspection["status"], (string?)inspection["connection"]!["variant"]));
        Assert.Equal("Envoy's own words", (string?)inspection["rejections"]![0]!["message"]);
        Assert.Equal("ca-1", (string?)inspection["identity"]!["backend"]);

        await proxy.Disconnect("session-1");
        await Caught();
        subscription = (await server.GetAsync("/meshes/busy/dataplanes+insights/web-1")).Json["dataplaneInsight"]!["subscriptions"]![0]!;
        Assert.NotNull(subscription["disconnectTime"]);
        Assert.Equal("offline", (string?)(await server.GetAsync("/meshes/busy/dataplanes/web-1/_inspect")).Json["status"]);
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task An_authority_that_does_not_sign_shows_wherever_the_mesh_is_shown()
    {
        await MeshWithWeb("keyless", mtls: true);
        var services = server.Server.Services;
        var proxy = services.GetRequiredService<IGrainFactory>().GetGrain<IProxyGrain>("keyless/web-1");
        var observer = new SilentSession();
        var reference = services.GetRequiredService<IGrainFactory>().CreateObjectReference<IProxySessionObserver>(observer);
        Assert.Null((await proxy.Connect(new("session-1", null, new("1.40.0", "", "delta")), reference, new("proxy:keyless/web-1"))).Refusal);
        await foreach (var recorded in services.GetRequiredService<IEventStore>().ReadStreamAsync("ca/keyless/ca-1"))
        {
            var created = (AuthorityCreated)EventCodec.Decode(recorded.Type, recorded.Data.Span);
            await services.GetRequiredService<ISecretVault>().DestroyAsync(created.PrivateKey.KeyId);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await Assert.ThrowsAnyAsync<Exception>(() => proxy.IssueCertificate("session-1", ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo())));
        await Caught();

        var failure = (await server.GetAsync("/meshes/keyless/dataplanes/web-1/_inspect")).Json["certificateFailure"]!;
        Assert.Equal("ca-1", (string?)failure["backend"]);
        Assert.Contains("cannot be had", (string?)failure["reason"], StringComparison.Ordinal);
        var overview = (await server.GetAsync("/meshes/keyless/dataplanes+insights/web-1")).Json["dataplaneInsight"]!["mTLS"]!;
        Assert.Equal(failure.ToJsonString(), overview["issuanceFailure"]!.ToJsonString());
        var insight = (await server.GetAsync("/mesh-insights/keyless")).Json["mTLS"]!["issuanceFailures"]!["ca-1"]!;
        Assert.Equal((1, (string?)failure["reason"]), ((int)insight["total"]!, (string?)insight["reason"]));
        Assert.Contains("orleansmesh_mesh_certificate_failures{backend=\"ca-1\",mesh=\"keyless\"} 1\n", await server.Diagnostics.GetStringAsync("/metrics"), StringComparison.Ordinal);
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task A_quarantine_is_a_resource_and_shows_wherever_its_proxy_is_shown()
    {
        await MeshWithWeb("careful", mtls: true);
        const string Path = "/meshes/careful/proxy-quarantines/stolen";
        const string Document = """{"type":"ProxyQuarantine","mesh":"careful","name":"stolen","proxy":"web-1","reason":"found in a paste"}""";
        Assert.Equal(201, (await server.PutAsync(Path, Document)).Status);
        Assert.Equal(200, (await server.PutAsync(Path, Document)).Status);

        Assert.Equal(("web-1", "found in a paste"), ((string?)(await server.GetAsync(Path)).Json["proxy"], (string?)(await server.GetAsync(Path)).Json["reason"]));
        Assert.Single((await server.GetAsync("/meshes/careful/proxy-quarantines")).Items);
        foreach (var shown in new[] { "/meshes/careful/dataplanes/web-1/_inspect", "/meshes/careful/dataplanes/web-1/_overview" })
            Assert.Equal(("stolen", "found in a paste"), ((string?)(await server.GetAsync(shown)).Json["quarantine"]!["name"], (string?)(await server.GetAsync(shown)).Json["quarantine"]!["reason"]));
        Assert.Equal(1, (int)(await server.GetAsync("/mesh-insights/careful")).Json["policies"]!["ProxyQuarantine"]!["total"]!);
        Assert.Contains("orleansmesh_mesh_quarantined_proxies{mesh=\"careful\"} 1\n", await server.Diagnostics.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(200, (await server.DeleteAsync(Path)).Status);
        Assert.Equal(404, (await server.DeleteAsync(Path)).Status);
        Assert.Null((await server.GetAsync("/meshes/careful/dataplanes/web-1/_inspect")).Json["quarantine"]);

        // In the log with who, why and until when.
        var recorded = new List<(string Type, string Actor, string Data)>();
        await foreach (var e in server.Server.Services.GetRequiredService<IEventStore>().ReadStreamAsync("mesh/careful"))
            recorded.Add((e.Type, e.Context.Actor, System.Text.Encoding.UTF8.GetString(e.Data.Span)));
        var quarantined = recorded.Where(e => e.Type.StartsWith("proxy-quarantine.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["proxy-quarantine.created", "proxy-quarantine.deleted"], quarantined.Select(e => e.Type));
        Assert.All(quarantined, e => Assert.Equal("user:mesh-system:admin", e.Actor));
        Assert.Contains("\"found in a paste\"", quarantined[0].Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_a_mesh_is_permissive_is_said_when_it_is_applied_and_wherever_it_is_shown()
    {
        var mesh = Documents.Mesh("lax", mtls: true);
        var permissive = mesh.Replace("\"builtin\"", "\"builtin\",\"mode\":\"PERMISSIVE\"", StringComparison.Ordinal);
        Assert.NotEqual(mesh, permissive);
        const string Warning = "mesh 'lax' is PERMISSIVE";
        Assert.StartsWith(Warning, (string?)Assert.Single((await server.PutAsync("/meshes/lax", permissive)).Json["warnings"]!.AsArray()), StringComparison.Ordinal);
        Assert.Equal(201, (await server.PutAsync("/meshes/lax/dataplanes/web-1", Documents.Dataplane("lax", "web-1", "web"))).Status);

        Assert.Equal("PERMISSIVE", (string?)(await server.GetAsync("/meshes/lax")).Json["mtls"]!["backends"]![0]!["mode"]);
        Assert.StartsWith(Warning, (string?)(await server.GetAsync("/mesh-insights/lax")).Json["mTLS"]!["permissive"], StringComparison.Ordinal);
        Assert.StartsWith(Warning, (string?)(await server.GetAsync("/meshes/lax/authorities")).Json["permissive"], StringComparison.Ordinal);
        Assert.True((bool)(await server.GetAsync("/meshes/lax/dataplanes/web-1/_inspect")).Json["inbounds"]![0]!["permissive"]!);
        Assert.Contains("orleansmesh_mesh_permissive{mesh=\"lax\"} 1\n", await server.Diagnostics.GetStringAsync("/metrics"), StringComparison.Ordinal);

        Assert.Null((await server.PutAsync("/meshes/lax", mesh)).Json["warnings"]);
        Assert.Null((await server.GetAsync("/mesh-insights/lax")).Json["mTLS"]!["permissive"]);
        Assert.Null((await server.GetAsync("/meshes/lax/authorities")).Json["permissive"]);
        Assert.False((bool)(await server.GetAsync("/meshes/lax/dataplanes/web-1/_inspect")).Json["inbounds"]![0]!["permissive"]!);
        Assert.DoesNotContain("orleansmesh_mesh_permissive{mesh=\"lax\"}", await server.Diagnostics.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspection_names_the_permission_that_governs_and_those_that_it_overrides()
    {
        await MeshWithWeb("ruled", mtls: true);
        await server.PutAsync("/meshes/ruled/traffic-permissions/wide", Documents.Permission("ruled", "wide", "a", "*"));
        await server.PutAsync("/meshes/ruled/traffic-permissions/narrow", Documents.Permission("ruled", "narrow", "b", "web"));

        var inbound = (await server.GetAsync("/meshes/ruled/dataplanes/web-1/_inspect")).Json["inbounds"]![0]!;
        Assert.Equal(("127.0.0.1", 10000, "web", "http", "127.0.0.1", 9000, true), (
            (string?)inbound["address"], (int)inbound["port"]!, (string?)inbound["service"], (string?)inbound["protocol"],
            (string?)inbound["serviceAddress"], (int)inbound["servicePort"]!, (bool)inbound["mutualTls"]!));
        Assert.Equal(("narrow", "b", "wide"), (
            (string?)inbound["permission"]!["name"],
            (string?)inbound["permission"]!["sources"]![0]!["match"]!["kuma.io/service"],
            (string?)Assert.Single(inbound["permission"]!["overridden"]!.AsArray())));

        var attached = await server.GetAsync("/meshes/ruled/traffic-permissions/narrow/dataplanes");
        Assert.Equal(("web-1", "127.0.0.1:10000:9000"), (
            (string?)attached.Items[0]!["dataplane"]!["name"], (string?)attached.Items[0]!["attachments"]![0]!["name"]));
        Assert.Equal("""{"total":0,"items":[]}""", (await server.GetAsync("/meshes/ruled/traffic-permissions/wide/dataplanes")).Text);
        var policies = await server.GetAsync("/meshes/ruled/dataplanes/web-1/policies");
        Assert.Equal("narrow", (string?)policies.Items[0]!["matchedPolicies"]!["TrafficPermission"]![0]!["name"]);
    }

    [Fact]
    public async Task Inspection_counts_the_endpoints_that_an_outbound_can_reach()
    {
        await MeshWithWeb("calls");
        for (var i = 0; i < 2; i++)
            await server.PutAsync($"/meshes/calls/dataplanes/backend-{i}", Documents.Dataplane("calls", $"backend-{i}", "backend", 11000 + i));

        await Eventually(async () =>
        {
            var outbound = (await server.GetAsync("/meshes/calls/dataplanes/web-1/_inspect")).Json["outbounds"]![0]!;
            return ((string?)outbound["service"], (string?)outbound["protocol"], (int)outbound["endpoints"]!, (int)outbound["endpointsReady"]!)
                == ("backend", "http", 2, 2);
        });
    }

    [Fact]
    public async Task What_the_server_says_of_itself_keeps_kumas_clients_content()
    {
        var index = (await server.GetAsync("/")).Json;
        Assert.Equal(("Kuma", "2.14.3", "OrleansMesh"), ((string?)index["product"], (string?)index["version"], (string?)index["implementation"]!["product"]));
        Assert.Equal(ResourceTypes.All.Select(t => t.Name), (await server.GetAsync("/_resources")).Json["resources"]!.AsArray().Select(r => (string?)r!["name"]));
        Assert.Equal(["proxy-quarantines", "traffic-permissions"], (await server.GetAsync("/policies")).Json["policies"]!.AsArray().Select(p => (string?)p!["path"]));
        Assert.Equal("universal", (string?)(await server.GetAsync("/config")).Json["environment"]);
        Assert.Equal("mesh-system:admin", (string?)(await server.GetAsync("/who-am-i")).Json["name"]);
        Assert.True((int)(await server.GetAsync("/global-insight")).Json["meshes"]!["total"]! >= 1);
    }

    private async Task MeshWithWeb(string mesh, bool mtls = false)
    {
        Assert.Equal(201, (await server.PutAsync($"/meshes/{mesh}", Documents.Mesh(mesh, mtls))).Status);
        Assert.Equal(201, (await server.PutAsync($"/meshes/{mesh}/dataplanes/web-1", Documents.Dataplane(mesh, "web-1", "web"))).Status);
    }

    private async Task Caught()
        => await server.Server.Services.GetRequiredService<ResourceIndex>()
            .WaitForAsync(await server.Server.Services.GetRequiredService<IEventStore>().HeadAsync());

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow.AddSeconds(30); !await condition(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < end, "it did not come true");
    }

    private sealed class SilentSession : IProxySessionObserver
    {
        public Task ViewChanged(ProxyView view) => Task.CompletedTask;

        public Task SessionEnded(string reason) => Task.CompletedTask;
    }
}
