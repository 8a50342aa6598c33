using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansMesh.XdsGateway.Tests.Hosting;

namespace OrleansMesh.XdsGateway.Tests.Bootstrap;

public sealed class BootstrapEndpointTests : IAsyncLifetime
{
    private Gateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await Gateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task AProxyThatBringsItsDataplaneGetsItsBootstrap()
    {
        var (status, answer) = await PostAsync(Good());

        Assert.Equal(HttpStatusCode.OK, status);
        var bootstrap = Bootstrap(answer);
        Assert.Equal("default.backend-1", bootstrap["node"]!["id"]!.GetValue<string>());
        Assert.Equal("backend", bootstrap["node"]!["cluster"]!.GetValue<string>());
        Assert.Equal("10.0.0.1", answer["kumaSidecarConfiguration"]!["networking"]!["address"]!.GetValue<string>());
        var address = bootstrap["staticResources"]!["clusters"]![0]!["loadAssignment"]!["endpoints"]![0]!["lbEndpoints"]![0]!["endpoint"]!["address"]!["socketAddress"]!;
        Assert.Equal(("127.0.0.1", _gateway.Port), (address["address"]!.GetValue<string>(), address["portValue"]!.GetValue<int>()));
    }

    [Fact]
    public async Task TheAgentMayNameSeveralServersAndTheOperatorsWordCountsBeforeIts()
    {
        var request = Good();
        request["controlPlanes"] = new JsonArray("https://10.0.0.1:5678", "cp.example:5679");
        Assert.Equal(["10.0.0.1:5678", "cp.example:5679"], Addresses((await PostAsync(request)).Answer));

        request["controlPlanes"] = new JsonArray("https://10.0.0.1:5678", "10.0.0.2");
        var (status, answer) = await PostAsync(request);
        Assert.Equal((HttpStatusCode.BadRequest, "controlPlanes[1]"), (status, answer["invalid_parameters"]![0]!["field"]!.GetValue<string>()));

        await using var gateway = await Gateway.StartAsync(
            options: new XdsGatewayOptions { ServerAuthorityPem = TestAuthority.Pem, PublicAddresses = [new("cp-1.example", 1), new("cp-2.example", 2)] });
        var good = Good(gateway);
        good["controlPlanes"] = new JsonArray("https://10.0.0.1:5678");
        Assert.Equal(["cp-1.example:1", "cp-2.example:2"], Addresses((await PostAsync(good, gateway)).Answer));
    }

    [Fact]
    public async Task AProxyWhoseDataplaneIsStoredNeedNotBringIt()
    {
        _gateway.World.Proxy("backend-1").Stored = Views.Dataplane("backend-1", Views.Tags("stored"));

        var (status, answer) = await PostAsync(Good().Without("dataplaneResource"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("stored", Bootstrap(answer)["node"]!["cluster"]!.GetValue<string>());
    }

    [Fact]
    public async Task AProxyWhoseDataplaneIsNotStoredYetIsToldToAskAgain()
    {
        using var response = await _gateway.Http.SendAsync(Request(Good().Without("dataplaneResource").ToJsonString()));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("dataplaneToken", null)]
    [InlineData("dataplaneToken", "nonsense")]
    [InlineData("name", "backend-2")]
    [InlineData("mesh", "other")]
    public async Task WhoCannotProveWhatItIsLearnsNothing(string field, string? value)
    {
        var request = Good();
        if (field is "name" or "mesh")
            request.Remove("dataplaneResource");
        if (value is null)
            request.Remove(field);
        else
            request[field] = value;

        using var response = await _gateway.Http.SendAsync(Request(request.ToJsonString()));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("authentication failed", await response.Content.ReadAsStringAsync());
        Assert.Single(_gateway.Log.Lines, line => line.Contains("Refused proxy", StringComparison.Ordinal));
        Assert.DoesNotContain(_gateway.Log.Lines, line => line.Contains(_gateway.World.Key.Token("backend-1"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"name": "backend-1"}""", "mesh")]
    [InlineData("""{"mesh": "default"}""", "name")]
    [InlineData("""{"mesh": "default", "name": "backend-1", "proxyType": "ingress"}""", "proxyType")]
    [InlineData("""{"mesh": "default", "name": null}""", "name")]
    [InlineData("""{"mesh": "default", "name": "backend-1", "version": null}""", "version")]
    [InlineData("""{"mesh": "default", "name": "backend-1", "features": 7}""", "features")]
    [InlineData("""{"mesh": "default", "mesh": "other"}""", "mesh")]
    [InlineData("nonsense", "")]
    [InlineData("null", "mesh")]
    public async Task WhatIsNoRequestIsRefusedByField(string body, string field)
    {
        var (status, answer) = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, answer["invalid_parameters"]![0]!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task ADataplaneThatIsInvalidIsRefusedByField()
    {
        var request = Good();
        request["dataplaneResource"] = Views.DataplaneText("backend-1").Replace("8080", "80800", StringComparison.Ordinal);

        var (status, answer) = await PostAsync(request);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("dataplaneResource: networking.inbound[0].port", answer["invalid_parameters"]![0]!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task ADataplaneOfAnotherNameIsRefused()
    {
        var request = Good();
        request["dataplaneResource"] = Views.DataplaneText("backend-2");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(request)).Status);
    }

    [Fact]
    public async Task ARequestThatIsTooLongIsNotRead()
    {
        var request = Good();
        request["dataplaneToken"] = new string('x', 2 * 1024 * 1024);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(request)).Status);
    }

    private JsonObject Good(Gateway? gateway = null) => new()
    {
        ["mesh"] = "default",
        ["name"] = "backend-1",
        ["proxyType"] = "dataplane",
        ["dataplaneToken"] = (gateway ?? _gateway).World.Key.Token("backend-1"),
        ["dataplaneResource"] = Views.DataplaneText("backend-1"),
    };

    private Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(JsonObject request, Gateway? gateway = null) => PostAsync(request.ToJsonString(), gateway);

    private async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(string body, Gateway? gateway = null)
    {
        using var response = await (gateway ?? _gateway).Http.SendAsync(Request(body));
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    private static HttpRequestMessage Request(string body) => new(HttpMethod.Post, "/bootstrap")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new StringContent(body, Encoding.UTF8, "application/json"),
    };

    private static IEnumerable<string> Addresses(JsonNode answer)
        => Bootstrap(answer)["staticResources"]!["clusters"]![0]!["loadAssignment"]!["endpoints"]![0]!["lbEndpoints"]!.AsArray()
            .Select(e => e!["endpoint"]!["address"]!["socketAddress"]!).Select(a => $"{a["address"]!.GetValue<string>()}:{a["portValue"]!.GetValue<int>()}");

    private static JsonNode Bootstrap(JsonNode answer)
        => JsonNode.Parse(Convert.FromBase64String(answer["bootstrap"]!.GetValue<string>())) ?? throw new JsonException("no bootstrap");
}

file static class JsonObjects
{
    public static JsonObject Without(this JsonObject from, string field)
    {
        from.Remove(field);
        return from;
    }
}
