using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A real Envoy beside a workload, started with the bootstrap that the server gave it.</summary>
internal sealed class Sidecar : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansmesh-sidecar-").FullName;
    private readonly ChildProcess _envoy;
    private readonly HttpClient _admin;

    private Sidecar(SidecarSpec spec, string bootstrap, TimeSpan drainTime)
    {
        Spec = spec;
        var file = Path.Combine(_folder, "bootstrap.json");
        File.WriteAllText(file, bootstrap);
        _admin = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{spec.AdminPort}"), Timeout = TimeSpan.FromSeconds(20) };
        _envoy = ChildProcess.Start(
            Checkout.Envoy(),
            "-c", file, "--disable-hot-restart", "--concurrency", "1", "--drain-time-s", $"{drainTime.TotalSeconds:0}", "--log-level", "warning");
    }

    public SidecarSpec Spec { get; }

    public string Log => _envoy.Output;

    /// <summary>Starts Envoy; its configuration may not have arrived yet.</summary>
    /// <param name="relay">Stands between Envoy and the server, if given.</param>
    /// <param name="only">The one server that Envoy may connect to, of those that its bootstrap names; null: any.</param>
    public static async Task<Sidecar> StartAsync(
        ServerProcess server, SidecarSpec spec, string? token = null, bool delta = true, int drainSeconds = 2, XdsRelay? relay = null, ServerProcess? only = null)
    {
        token ??= await server.TokenAsync(spec.Name, spec.Mesh, spec.Service);
        var bootstrap = await BootstrapAsync(server, spec, token);
        bootstrap["dynamicResources"]!["adsConfig"]!["apiType"] = delta ? "DELTA_GRPC" : "GRPC";
        if (relay is not null)
        {
            var cluster = bootstrap["staticResources"]!["clusters"]![0]!.AsObject();
            cluster.Remove("transportSocket");
            cluster["loadAssignment"]!["endpoints"]![0]!["lbEndpoints"]![0]!["endpoint"]!["address"]!["socketAddress"]!["portValue"] = relay.Port;
        }

        if (only is not null)
        {
            var endpoints = bootstrap["staticResources"]!["clusters"]![0]!["loadAssignment"]!["endpoints"]![0]!["lbEndpoints"]!.AsArray();
            foreach (var other in endpoints.Where(e => e!["endpoint"]!["address"]!["socketAddress"]!["portValue"]!.GetValue<int>() != only.DpServerPort).ToList())
                endpoints.Remove(other);
        }

        return new Sidecar(spec, bootstrap.ToJsonString(), TimeSpan.FromSeconds(drainSeconds));
    }

    /// <summary>The bootstrap for that proxy, or the test fails.</summary>
    public static async Task<JsonNode> BootstrapAsync(ServerProcess server, SidecarSpec spec, string token)
    {
        using var response = await PostBootstrapAsync(server, spec, token);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"POST /bootstrap: {(int)response.StatusCode} {body}");
        return JsonNode.Parse(Convert.FromBase64String(JsonNode.Parse(body)!["bootstrap"]!.GetValue<string>()))!;
    }

    public static async Task<HttpResponseMessage> PostBootstrapAsync(ServerProcess server, SidecarSpec spec, string token)
    {
        using var client = DpServerClient(server);
        return await client.PostAsJsonAsync("/bootstrap", new { mesh = spec.Mesh, name = spec.Name, dataplaneToken = token, dataplaneResource = spec.Json });
    }

    /// <summary>Speaks to the dp-server, trusting its own authority and nobody else.</summary>
    public static HttpClient DpServerClient(ServerProcess server)
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(server.AuthorityFile);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{server.DpServerPort}") };
    }

    /// <summary>A counter or gauge of Envoy's; 0 when there is none of that name.</summary>
    public async Task<long> StatAsync(string name)
    {
        var stats = await StatsAsync($"^{System.Text.RegularExpressions.Regex.Escape(name)}$");
        return stats.GetValueOrDefault(name);
    }

    public async Task<Dictionary<string, long>> StatsAsync(string filter)
    {
        using var stats = JsonDocument.Parse(await _admin.GetStringAsync($"/stats?format=json&filter={Uri.EscapeDataString(filter)}"));
        return stats.RootElement.GetProperty("stats").EnumerateArray()
            .Where(s => s.TryGetProperty("value", out _))
            .ToDictionary(s => s.GetProperty("name").GetString()!, s => s.GetProperty("value").GetInt64());
    }

    public async Task<JsonNode> ConfigDumpAsync() => JsonNode.Parse(await _admin.GetStringAsync("/config_dump"))!;

    /// <summary>The versions of the listeners, clusters and extensions that it was sent and took, by type and name.</summary>
    public async Task<Dictionary<string, string>> VersionsAsync()
    {
        var versions = new Dictionary<string, string>();
        foreach (var dump in (await ConfigDumpAsync())["configs"]!.AsArray())
        {
            foreach (var sent in dump!["dynamic_active_clusters"]?.AsArray() ?? [])
                Add(sent!["cluster"]!, sent["version_info"]);
            foreach (var sent in dump["dynamic_listeners"]?.AsArray() ?? [])
                Add(sent!["active_state"]!["listener"]!, sent["active_state"]!["version_info"]);
            foreach (var sent in dump["ecds_filters"]?.AsArray() ?? [])
                Add(sent!["ecds_filter"]!, sent["version_info"]);
        }

        return versions;

        void Add(JsonNode resource, JsonNode? version) => versions[$"{resource["@type"]} {resource["name"]}"] = $"{version}";
    }

    /// <summary>All of its listeners serve.</summary>
    public Task ListensAsync() => Eventually.BecomesTrue(
        $"{Spec.Name} listens on {Spec.Listeners} ports",
        async () => await StatAsync("listener_manager.total_listeners_active") >= Spec.Listeners
            && await StatAsync("listener_manager.total_listeners_warming") == 0
            && (await _admin.GetAsync("/ready")).IsSuccessStatusCode,
        explain: () => Log);

    public Task<HttpResponseMessage> AdminPostAsync(string path) => _admin.PostAsync(path, null);

    public Task KillAsync() => _envoy.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _envoy.DisposeAsync();
        _admin.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
