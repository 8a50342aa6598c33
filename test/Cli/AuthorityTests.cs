namespace OrleansMesh.Cli.Tests;

public sealed class AuthorityTests
{
    private const string Rotating = """
        {"mesh":"default","enabledBackend":"ca-2","stage":"trusting","paused":true,"deadline":"2026-11-23T12:10:00Z",
         "unconfirmed":{"total":3,"proxies":["web-1","web-2"]},
         "authorities":[
          {"id":"aa","backend":"ca-1","type":"builtin","use":"signing","notAfter":"2026-12-03T12:00:00Z","renewal":"2026-12-01T12:00:00Z","canSign":true},
          {"id":"bb","backend":"ca-2","type":"provided","use":"next","notAfter":"2026-11-24T12:00:00Z","canSign":false,"problem":"its key cannot be had"}]}
        """;

    [Fact]
    public async Task The_status_says_what_a_change_waits_for_and_who_cannot_sign()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/authorities", 200, Rotating);

        var run = await CommandRun.OfAsync(server, "ca", "status");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("stage 1 of 2", run.Out, StringComparison.Ordinal);
        Assert.Contains("for 10m 0s at most; waiting for web-1, web-2 and 1 more", run.Out, StringComparison.Ordinal);
        Assert.Contains("paused", run.Out, StringComparison.Ordinal);
        Assert.Matches("ca-1 +builtin +aa +signing +in 10d 0h, renewed in 8d 0h +yes", run.Out);
        Assert.Matches("ca-2 +provided +bb +next +in 1d 0h +NO: its key cannot be had", run.Out);
    }

    [Fact]
    public async Task That_a_mesh_is_permissive_is_said_beside_its_stage()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/authorities", 200, Rotating.Replace("\"stage\"", "\"permissive\":\"mesh 'default' is PERMISSIVE\",\"stage\"", StringComparison.Ordinal));

        var run = await CommandRun.OfAsync(server, "ca", "status");

        Assert.Equal("mesh 'default' is PERMISSIVE", run.Out.Split('\n')[1]);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("reverse")]
    [InlineData("force")]
    public async Task A_change_is_steered(string verb)
    {
        await using var server = await RecordingServer.StartAsync();
        server.On($"POST /meshes/other/authorities/{verb}", 200, """{"stage":"none","enabledBackend":"ca-1"}""");

        var run = await CommandRun.OfAsync(server, "ca", verb, "--mesh", "other");

        Assert.Equal((0, "no change under way; enabled: ca-1\n"), (run.ExitCode, run.Out));
    }

    [Fact]
    public async Task A_mesh_that_is_not_there_and_a_refusal_are_told()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/default/authorities", 404, "{}");
        server.On("POST /meshes/default/authorities/force", 409, """{"title":"Could not force","detail":"rotation expected a rotation under way: there is none"}""");

        Assert.Contains("there is no mesh 'default'", (await CommandRun.OfAsync(server, "ca", "status")).Error, StringComparison.Ordinal);
        var refused = await CommandRun.OfAsync(server, "ca", "force");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("there is none", refused.Error, StringComparison.Ordinal);
    }
}
