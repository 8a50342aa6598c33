using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Transport;

namespace OrleansMesh.Load.ControlPlane;

/// <summary>Changes the mesh by the control plane's REST API, which is Kuma's.</summary>
internal sealed class ControlPlaneApi : IDisposable
{
    private readonly HttpClient _api;
    private readonly HttpClient _dpServer;

    public ControlPlaneApi(Uri api, ServerAddress dpServer, string authorityPem, string mesh)
    {
        Mesh = mesh;
        _api = new HttpClient { BaseAddress = api, Timeout = TimeSpan.FromSeconds(60) };
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = ServerAddress.TrustIn(authorityPem);
        _dpServer = new HttpClient(handler) { BaseAddress = new Uri($"https://{dpServer.Host}:{dpServer.Port}"), Timeout = TimeSpan.FromSeconds(60) };
    }

    public string Mesh { get; }

    /// <summary>Makes the mesh, with mutual TLS by an authority of its own.</summary>
    public Task MakeMeshAsync() => PutAsync($"/meshes/{Mesh}", new JsonObject
    {
        ["type"] = "Mesh",
        ["name"] = Mesh,
        ["mtls"] = new JsonObject
        {
            ["enabledBackend"] = "ca-1",
            ["backends"] = new JsonArray(new JsonObject { ["name"] = "ca-1", ["type"] = "builtin" }),
        },
    });

    /// <summary>Lets a source call a destination; both are services, or <c>*</c>.</summary>
    public Task PermitAsync(string name, string source, string destination) => PutAsync(Permission(name), new JsonObject
    {
        ["type"] = "TrafficPermission",
        ["mesh"] = Mesh,
        ["name"] = name,
        ["sources"] = Selectors(source),
        ["destinations"] = Selectors(destination),
    });

    public Task WithdrawPermissionAsync(string name) => DeleteAsync(Permission(name));

    /// <summary>Adds an endpoint to a service: a Dataplane without a proxy.</summary>
    public Task AddEndpointAsync(string name, string service, string address) => PutAsync(Dataplane(name), new JsonObject
    {
        ["type"] = "Dataplane",
        ["mesh"] = Mesh,
        ["name"] = name,
        ["networking"] = new JsonObject
        {
            ["address"] = address,
            ["inbound"] = new JsonArray(new JsonObject
            {
                ["port"] = SimulatedProxy.InboundPort,
                ["tags"] = new JsonObject { ["kuma.io/service"] = service, ["kuma.io/protocol"] = "http" },
            }),
        },
    });

    public Task RemoveEndpointAsync(string name) => DeleteAsync(Dataplane(name));

    /// <summary>A token for one proxy.</summary>
    public async Task<string> TokenAsync(SimulatedProxy proxy)
    {
        using var response = await _api.PostAsJsonAsync("/tokens/dataplane", new
        {
            name = proxy.Name,
            mesh = proxy.Mesh,
            tags = new Dictionary<string, string[]> { ["kuma.io/service"] = [proxy.Service] },
            validFor = "24h",
        });
        await ThrowUnlessTakenAsync(response, "POST /tokens/dataplane");
        return (await response.Content.ReadAsStringAsync()).Trim();
    }

    /// <summary>What <c>meshctl proxy run</c> says before it ends. A control plane that does not know it finds out from the connection.</summary>
    public async Task LeaveAsync(SimulatedProxy proxy, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/proxies/{proxy.Mesh}/{proxy.Name}/leave");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("authorization", token);
        using var response = await _dpServer.SendAsync(request);
        if (response.StatusCode != HttpStatusCode.NotFound)
            await ThrowUnlessTakenAsync(response, "POST /proxies/…/leave");
    }

    public void Dispose()
    {
        _api.Dispose();
        _dpServer.Dispose();
    }

    private string Permission(string name) => $"/meshes/{Mesh}/traffic-permissions/{name}";

    private string Dataplane(string name) => $"/meshes/{Mesh}/dataplanes/{name}";

    private static JsonArray Selectors(string service) => [new JsonObject { ["match"] = new JsonObject { ["kuma.io/service"] = service } }];

    private async Task PutAsync(string path, JsonObject resource)
    {
        using var content = new StringContent(resource.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await _api.PutAsync(new Uri(path, UriKind.Relative), content);
        await ThrowUnlessTakenAsync(response, $"PUT {path}");
    }

    private async Task DeleteAsync(string path)
    {
        using var response = await _api.DeleteAsync(new Uri(path, UriKind.Relative));
        await ThrowUnlessTakenAsync(response, $"DELETE {path}");
    }

    private static async Task ThrowUnlessTakenAsync(HttpResponseMessage response, string what)
    {
        if (!response.IsSuccessStatusCode)
            throw new ControlPlaneException($"{what}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }
}

/// <summary>The control plane refused something, or has ended.</summary>
public sealed class ControlPlaneException(string message) : Exception(message);
