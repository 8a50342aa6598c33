using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

public sealed class LeaveEndpointTests : IAsyncLifetime
{
    private Gateway _gateway = null!;

    private WorldProxy Backend => _gateway.World.Proxy("backend-1");

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync();
        Backend.Stored = Views.Dataplane("backend-1");
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("Bearer ")]
    public async Task AProxyLeaves(string scheme)
    {
        using var response = await LeaveAsync("default/backend-1", scheme + _gateway.World.Key.Token("backend-1"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(42, (await response.Content.ReadFromJsonAsync<JsonObject>())!["position"]!.GetValue<int>());
        Assert.Equal(["leave proxy:default/backend-1"], Backend.Calls);
    }

    [Fact]
    public async Task WhoIsNotThatProxyCannotHaveItLeave()
    {
        var key = _gateway.World.Key;
        foreach (var token in (string?[])[null, "nonsense", new TokenKey("key-1").Token("backend-1"), key.Token("web-1"),
            key.Token("backend-1", tags: new Dictionary<string, string[]> { ["kuma.io/service"] = ["web"] })])
        {
            using var response = await LeaveAsync("default/backend-1", token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("authentication failed", await response.Content.ReadAsStringAsync());
        }

        Assert.Empty(Backend.Calls);
    }

    [Fact]
    public async Task WhetherThereIsAProxyOfThatNameIsNotTold()
    {
        using var response = await LeaveAsync("default/nobody", _gateway.World.Key.Token("nobody"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("authentication failed", await response.Content.ReadAsStringAsync());
        Assert.Empty(_gateway.World.Proxy("nobody").Calls);
    }

    private async Task<HttpResponseMessage> LeaveAsync(string proxy, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/proxies/{proxy}/leave")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("authorization", token);
        return await _gateway.Http.SendAsync(request);
    }
}
