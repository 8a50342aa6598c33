using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>The real server, as a process, with a data folder of its own; and its API.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly int _clusterPort = Ports.Free();
    private ChildProcess? _process;

    private ServerProcess()
    {
        Data = Directory.CreateTempSubdirectory("orleansmesh-e2e-").FullName;
        (ApiPort, DpServerPort, DiagnosticsPort) = (Ports.Free(), Ports.Free(), Ports.Free());
        Api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ApiPort}"), Timeout = TimeSpan.FromSeconds(20) };
        Diagnostics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{DiagnosticsPort}") };
    }

    /// <summary>With what it is started, beside its folder and ports.</summary>
    public IReadOnlyList<string> Flags { get; set; } = [];

    /// <summary>The program that the next start runs: that of the checkout, unless another one is wanted.</summary>
    public string Program { get; set; } = Checkout.ServerDll;

    public string Data { get; }

    public int ApiPort { get; }

    public int DpServerPort { get; }

    public int DiagnosticsPort { get; }

    /// <summary>Speaks to the REST API.</summary>
    public HttpClient Api { get; }

    /// <summary>Speaks to the diagnostics port.</summary>
    public HttpClient Diagnostics { get; }

    public string Log => Running.Output;

    private ChildProcess Running => _process ?? throw new InvalidOperationException("the server was not started");

    public string AuthorityFile => Path.Combine(Data, "dp-server-ca.crt");

    public static async Task<ServerProcess> StartAsync(params string[] flags)
    {
        var server = new ServerProcess { Flags = flags };
        await server.RestartAsync();
        return server;
    }

    /// <summary>A server with its folder and ports, which <see cref="RestartAsync"/> starts.</summary>
    public static ServerProcess NotStarted() => new();

    public Task KillAsync() => Running.KillAsync();

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Running.Signal(ChildProcess.SigTerm);
        await Running.WaitForExitAsync();
        return Running.ExitCode;
    }

    /// <summary>Once more, on the same data and ports.</summary>
    public async Task RestartAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = Run();
        await BecomesReady();
    }

    /// <summary>Applies a resource, given as YAML or JSON; it must be taken.</summary>
    public async Task ApplyAsync(string path, string document)
    {
        using var content = new StringContent(document, new MediaTypeHeaderValue("application/yaml", "utf-8"));
        using var response = await Api.PutAsync(path, content);
        Assert.True(response.IsSuccessStatusCode, $"PUT {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    public async Task DeleteAsync(string path)
    {
        using var response = await Api.DeleteAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"DELETE {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    public async Task<JsonNode> GetAsync(string path)
        => JsonNode.Parse(await Api.GetStringAsync(path)) ?? throw new JsonException($"GET {path} gave null");

    /// <summary>A token for a proxy, with the API's own fields.</summary>
    public async Task<string> TokenAsync(string name, string mesh = "default", string? service = null, string validFor = "1h")
    {
        var tags = service is null ? [] : new Dictionary<string, string[]> { ["kuma.io/service"] = [service] };
        using var response = await Api.PostAsJsonAsync("/tokens/dataplane", new { name, mesh, tags, validFor });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Api.Dispose();
        Diagnostics.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    private ChildProcess Run() => ChildProcess.Start(
        "dotnet",
        [
            Program, "--data", Data, "--api-port", $"{ApiPort}", "--api-tls-port", "0", "--dp-server-port", $"{DpServerPort}", "--diagnostics-port", $"{DiagnosticsPort}",
            .. Checkout.IsOnOrleans ? ["--cluster-port", $"{_clusterPort}"] : Array.Empty<string>(), .. Flags,
        ]);

    private Task BecomesReady() => Eventually.BecomesTrue(
        "the server is ready",
        async () =>
        {
            Assert.False(Running.HasExited, $"the server stopped:\n{Running.Output}");
            return (await Diagnostics.GetAsync("/ready")).IsSuccessStatusCode;
        },
        explain: () => Running.Output);
}
