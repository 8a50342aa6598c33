using System.Text.Json.Nodes;

namespace OrleansMesh.Cli.Tests;

public sealed class GenerateTests
{
    [Fact]
    public async Task A_dataplane_token_is_asked_for_as_kumactl_does_and_printed_alone()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("POST /tokens/dataplane", 200, "aaa.bbb.ccc");

        var run = await CommandRun.OfAsync(
            server, "generate", "dataplane-token", "--name", "web-1", "--mesh", "shop", "--tag", "kuma.io/service=web", "--tag", "version=a=b", "--tag", "kuma.io/service=web2", "--valid-for", "1d1h30m");

        Assert.Equal((0, "aaa.bbb.ccc", ""), (run.ExitCode, run.Out, run.Error));
        var expected = JsonNode.Parse("""{"name":"web-1","mesh":"shop","tags":{"kuma.io/service":["web","web2"],"version":["a=b"]},"type":"dataplane","validFor":"25h30m0s"}""");
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(Assert.Single(server.Requests).Body)), server.Requests[0].Body);
    }

    [Fact]
    public async Task A_refusal_names_the_field()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("POST /tokens/dataplane", 400, """{"title":"Invalid request","detail":"Resource is not valid","causes":[{"field":"mesh","message":"cannot be empty"}]}""");

        var run = await CommandRun.OfAsync(server, "generate", "dataplane-token", "--valid-for", "1h");

        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.Equal("error: Invalid request: Resource is not valid\n  mesh: cannot be empty\n", run.Error);
    }
}
