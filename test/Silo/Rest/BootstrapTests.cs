using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansMesh.Silo.Tests.Rest;

/// <summary>What an agent such as Kuma's gets from <c>/bootstrap</c>, and what it is told when it asks wrongly.</summary>
public sealed class BootstrapTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task An_agent_gets_the_admin_address_the_sidecars_address_and_its_own_words_back()
    {
        var request = Request(await Token());
        request["readinessPort"] = 9902;
        request["otelEnv"] = new JsonObject { ["pipeEnabled"] = true };

        var (status, answer) = await Post(request.ToJsonString());

        Assert.Equal(HttpStatusCode.OK, status);
        var sidecar = JsonNode.Parse(answer)!;
        Assert.Equal("127.0.0.1", (string?)sidecar["kumaSidecarConfiguration"]!["networking"]!["address"]);
        Assert.Empty(sidecar["kumaSidecarConfiguration"]!["metrics"]!["aggregate"]!.AsArray());
        var bootstrap = JsonNode.Parse(Convert.FromBase64String((string)sidecar["bootstrap"]!))!;
        var admin = bootstrap["admin"]!["address"]!["socketAddress"]!;
        Assert.Equal(("127.0.0.1", 9955), ((string?)admin["address"], (int)admin["portValue"]!));
        Assert.Equal("default.cart-1", (string?)bootstrap["node"]!["id"]);
        Assert.Equal("2.14.9", (string?)bootstrap["node"]!["metadata"]!["version"]!["kumaDp"]!["version"]);
    }

    [Theory]
    [InlineData("mesh")]
    [InlineData("name")]
    [InlineData("dataplaneResource")]
    [InlineData("features")]
    [InlineData("version")]
    public async Task What_must_not_be_null_is_named(string field)
    {
        var request = Request(await Token());
        request[field] = null;

        var (status, answer) = await Post(request.ToJsonString());

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, (string?)JsonNode.Parse(answer)!["invalid_parameters"]![0]!["field"]);
    }

    private static JsonObject Request(string token) => new()
    {
        ["mesh"] = "default",
        ["name"] = "cart-1",
        ["proxyType"] = "dataplane",
        ["dataplaneToken"] = token,
        ["dataplaneResource"] = """
            {"type":"Dataplane","mesh":"default","name":"cart-1","networking":{"address":"127.0.0.1","admin":{"port":9955},
             "inbound":[{"port":7010,"servicePort":7011,"tags":{"kuma.io/service":"cart"}}]}}
            """,
        ["features"] = new JsonArray("feature-reuse-port"),
        ["version"] = new JsonObject { ["kumaDp"] = new JsonObject { ["version"] = "2.14.9" }, ["envoy"] = new JsonObject { ["version"] = "1.40.0" } },
    };

    private async Task<string> Token() => (await server.PostAsync("/tokens/dataplane", """{"mesh":"default","name":"cart-1"}""")).Text;

    private async Task<(HttpStatusCode Status, string Answer)> Post(string body)
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var client = new HttpClient(handler);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync($"https://127.0.0.1:{server.Ports.DpServer}/bootstrap", content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
