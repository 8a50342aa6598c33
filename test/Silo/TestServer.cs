using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansMesh.Silo.Configuration;
using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Tests;

/// <summary>A whole server in this process, on free ports, with a data folder that goes with it.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("orleansmesh-test").FullName;
    private readonly (string Path, string Value)[] _settings;
    private Server? _server;

    public TestServer()
        : this([])
    {
    }

    private TestServer(params (string Path, string Value)[] settings) => _settings = settings;

    public Server Server => _server ?? throw new InvalidOperationException("the server does not run");

    public HttpClient Api { get; private set; } = null!;

    public HttpClient Diagnostics { get; private set; } = null!;

    public BoundPorts Ports { get; private set; } = null!;

    public string Data => _data;

    /// <summary>A new server, already started.</summary>
    public static async Task<TestServer> StartAsync(params (string Path, string Value)[] settings)
    {
        var server = new TestServer(settings);
        await server.InitializeAsync();
        return server;
    }

    /// <summary>A new server on a data folder that has something in it already.</summary>
    /// <param name="fill">Is given the folder.</param>
    public static async Task<TestServer> StartOnAsync(Action<string> fill, params (string Path, string Value)[] settings)
    {
        var server = new TestServer(settings);
        fill(server._data);
        await server.InitializeAsync();
        return server;
    }

    public async Task InitializeAsync()
    {
        _server = await Server.OpenAsync(Configuration(_data, _settings));
        Ports = await _server.StartAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        Api = new HttpClient { BaseAddress = new($"http://127.0.0.1:{Ports.Api}") };
        Diagnostics = new HttpClient { BaseAddress = new($"http://127.0.0.1:{Ports.Diagnostics}") };
    }

    public static ServerConfiguration Configuration(string data, params (string Path, string Value)[] settings)
    {
        var values = new Dictionary<string, GivenValue>
        {
            ["data"] = new(data, "test"),
            ["api.port"] = new("0", "test"),
            ["dpServer.port"] = new("0", "test"),
            ["diagnostics.port"] = new("0", "test"),
            ["log.level"] = new("none", "test"),
            ["log.format"] = new("json", "test"),
        };
        foreach (var (path, value) in settings)
            values[path] = new(value, "test");
        var reading = ConfigurationReading.Of(new ConfigurationLayer(values, []));
        return reading.Configuration ?? throw new InvalidOperationException(string.Join("; ", reading.Problems));
    }

    /// <summary>Stops the server and starts another one on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    public async Task StopAsync()
    {
        if (_server is null)
            return;
        Api.Dispose();
        Diagnostics.Dispose();
        await _server.DisposeAsync();
        _server = null;
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_data, recursive: true);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PutAsync(string path, string body, string contentType = "application/json") => SendAsync(HttpMethod.Put, path, body, contentType);

    public Task<Answer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body, "application/json");

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? body = null, string? contentType = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }

        foreach (var (name, value) in headers)
        {
            if (name == "Host")
                request.Headers.Host = value;
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Api.SendAsync(request);
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync(), response.Headers);
    }
}

/// <summary>What the API answered.</summary>
public sealed record Answer(int Status, string? ContentType, string Text, HttpResponseHeaders Headers)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public JsonArray Items => Json["items"]!.AsArray();

    /// <summary>The fields that a refusal names.</summary>
    public string[] InvalidFields => [.. Json["invalid_parameters"]!.AsArray().Select(p => (string)p!["field"]!)];
}
