namespace OrleansMesh.Cli.Tests;

public sealed class KeyEncryptionKeyTests
{
    private const string Route = "POST /key-encryption-key/rotate";

    [Fact]
    public async Task A_rotation_says_what_it_did_and_what_is_left_to_do()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On(Route, 200, """{"keyId":"0a1b","rewrapped":7}""");

        var run = await CommandRun.OfAsync(server, "kek", "rotate");

        Assert.Equal((0, "7 data keys were wrapped anew; the key-encryption key is 0a1b now\n"), (run.ExitCode, run.Out));
        Assert.Equal("""{"everywhere":false}""", Assert.Single(server.Requests).Body);

        server.On(Route, 200, """{"keyId":"0a1b","rewrapped":7,"remaining":"restart every other server"}""");
        var everywhere = await CommandRun.OfAsync(server, "kek", "rotate", "--everywhere");
        Assert.EndsWith("\nnow restart every other server\n", everywhere.Out, StringComparison.Ordinal);
        Assert.Equal("""{"everywhere":true}""", server.Requests[^1].Body);
        Assert.Contains("\"rewrapped\": 7", (await CommandRun.OfAsync(server, "kek", "rotate", "-o", "json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_told()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On(Route, 409, """{"title":"Could not rotate the key-encryption key","detail":"give it to every server first"}""");
        var run = await CommandRun.OfAsync(server, "kek", "rotate");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("give it to every server first", run.Error, StringComparison.Ordinal);
    }
}
