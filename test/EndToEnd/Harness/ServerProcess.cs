using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>The real server, as a process, with a data folder of its own; and its API.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly string[] _flags;
    private ChildProcess _process;

    private ServerProcess(string[] flags)
    {
        _flags = flags;
        Data = Directory.CreateTempSubdirectory("orleansmesh-e2e-").FullName;
        (ApiPort, DpServerPort, DiagnosticsPort) = (Ports.Free(), Ports.Free(), Ports.Free());
        Api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ApiPort}"), Timeout = TimeSpan.FromSeconds(20) };
        _process = Run();
    }

    public string Data { get; }

    public int ApiPort { get; }

    public int DpServerPort { get; }

    public int DiagnosticsPort { get; }

    /// <summary>Speaks to the REST API.</summary>
    public HttpClient Api { get; }

    public string Log => _process.Output;

    public string AuthorityFile => Path.Combine(Data, "dp-server-ca.crt");

    public static async Task<ServerProcess> StartAsync(params string[] flags)
    {
        var server = new ServerProcess(flags);
        await server.BecomesReady();
        return server;
    }

    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync()
    {
        _process.Signal(ChildProcess.SigTerm);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Once more, on the same data and ports.</summary>
    public async Task RestartAsync()
    {
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
        await _process.DisposeAsync();
        Api.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    private ChildProcess Run() => ChildProcess.Start(
        "dotnet",
        [
            Checkout.ServerDll, "--data", Data, "--api-port", $"{ApiPort}", "--api-tls-port", "0", "--dp-server-port", $"{DpServerPort}", "--diagnostics-port", $"{DiagnosticsPort}",
            .. _flags,
        ]);

    private async Task BecomesReady()
    {
        using var diagnostics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{DiagnosticsPort}") };
        await Eventually.BecomesTrue(
            "the server is ready",
            async () =>
            {
                Assert.False(_process.HasExited, $"the server stopped:\n{_process.Output}");
                return (await diagnostics.GetAsync("/ready")).IsSuccessStatusCode;
            },
            explain: () => _process.Output);
    }
}
