using System.Text;
using System.Text.Json.Nodes;

namespace OrleansMesh.Silo.Tests.Rest;

public sealed class TokenTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_dataplane_token_says_what_was_asked_for()
    {
        var answer = await server.PostAsync(
            "/tokens/dataplane",
            """{"name":"web-1","mesh":"default","tags":{"kuma.io/service":["web"]},"type":"","workload":"","validFor":"24h0m0s"}""");

        Assert.Equal((200, "text/plain"), (answer.Status, answer.ContentType?.Split(';')[0]));
        var (header, claims) = Decode(answer.Text);
        Assert.Equal("RS256", (string?)header["alg"]);
        Assert.Equal(("web-1", "default", "web"), ((string?)claims["Name"], (string?)claims["Mesh"], (string?)claims["Tags"]!["kuma.io/service"]![0]));
        Assert.InRange((long)claims["exp"]! - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 86_400 - 600, 86_400);
    }

    [Fact]
    public async Task A_token_lives_a_day_where_nobody_says_how_long()
    {
        var (_, claims) = Decode((await server.PostAsync("/tokens/dataplane", """{"mesh":"default"}""")).Text);
        Assert.InRange((long)claims["exp"]! - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 86_400 - 600, 86_400);
    }

    [Theory]
    [InlineData("""{}""", "mesh")]
    [InlineData("""{"mesh":"default","name":"a","validFor":"x"}""", "validFor")]
    [InlineData("""{"mesh":"default","validFor":"0s"}""", "validFor")]
    [InlineData("""{"mesh":"default","validFor":"11y"}""", "validFor")]
    [InlineData("""{"mesh":1}""", "mesh")]
    [InlineData("""{"mesh":"default","tags":["a"]}""", "tags")]
    [InlineData("""{"mesh":"default","tags":{"kuma.io/service":[]}}""", "tags[\"kuma.io/service\"]")]
    [InlineData("""{"mesh":"default","tags":{"kuma.io/service":[1]}}""", "tags[\"kuma.io/service\"]")]
    [InlineData("""{"mesh":"default","type":"ingress"}""", "type")]
    [InlineData("""{"mesh":"default","workload":"w"}""", "workload")]
    [InlineData("""{"mesh":"default","tag":{}}""", "tag")]
    [InlineData("""[]""", "")]
    [InlineData("""{"mesh":"a","mesh":"b"}""", "")]
    public async Task A_request_that_would_not_mean_what_it_says_is_refused(string body, string field)
    {
        var answer = await server.PostAsync("/tokens/dataplane", body);
        Assert.Equal((400, "Invalid request"), (answer.Status, (string?)answer.Json["title"]));
        Assert.Equal(field, Assert.Single(answer.InvalidFields));
    }

    [Fact]
    public async Task There_is_no_token_for_a_mesh_that_does_not_exist()
        => Assert.Equal(404, (await server.PostAsync("/tokens/dataplane", """{"mesh":"nosuch"}""")).Status);

    private static (JsonObject Header, JsonObject Claims) Decode(string token)
    {
        var parts = token.Split('.');
        return (Part(parts[0]), Part(parts[1]));

        static JsonObject Part(string text)
            => JsonNode.Parse(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)))!.AsObject();
    }
}
