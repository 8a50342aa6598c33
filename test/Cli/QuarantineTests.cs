namespace OrleansMesh.Cli.Tests;

public sealed class QuarantineTests
{
    private const string Stolen = """{"type":"ProxyQuarantine","mesh":"m","name":"web-1","proxy":"web-1","reason":"found in a paste","creationTime":"2026-11-23T11:00:00Z"}""";

    [Fact]
    public async Task A_proxy_is_quarantined_by_its_name_with_the_reason()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("PUT /meshes/m/proxy-quarantines/web-1", 201, "{}");
        server.On("GET /meshes/m/dataplanes/web-1", 200, "{}");

        var run = await CommandRun.OfAsync(server, "quarantine", "web-1", "--reason", "found in a paste", "--mesh", "m");

        Assert.Equal((0, "", "proxy web-1 of mesh m is quarantined; 'meshctl quarantine lift web-1' lets it in again\n"), (run.ExitCode, run.Error, run.Out));
        Assert.Equal("""{"type":"ProxyQuarantine","mesh":"m","name":"web-1","proxy":"web-1","reason":"found in a paste"}""", server.Requests[0].Body);
    }

    [Fact]
    public async Task A_name_that_no_dataplane_has_is_quarantined_with_a_warning()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("PUT /meshes/default/proxy-quarantines/wbe-1", 201, "{}");

        var run = await CommandRun.OfAsync(server, "quarantine", "wbe-1");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("warning: there is no Dataplane wbe-1 in mesh default now", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lifting_deletes_every_quarantine_that_names_the_proxy()
    {
        await using var server = await RecordingServer.StartAsync();
        var other = Stolen.Replace("\"name\":\"web-1\"", "\"name\":\"found\"", StringComparison.Ordinal);
        var unrelated = Stolen.Replace("web-1", "web-2", StringComparison.Ordinal);
        server.On("GET /meshes/m/proxy-quarantines", 200, $$"""{"total":3,"items":[{{Stolen}},{{other}},{{unrelated}}],"next":null}""");
        server.On("DELETE /meshes/m/proxy-quarantines/web-1", 200, "{}");
        server.On("DELETE /meshes/m/proxy-quarantines/found", 200, "{}");

        var run = await CommandRun.OfAsync(server, "quarantine", "lift", "web-1", "-m", "m");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            ["DELETE /meshes/m/proxy-quarantines/web-1", "DELETE /meshes/m/proxy-quarantines/found"],
            server.Requests.Select(r => r.Request).Where(r => r.StartsWith("DELETE", StringComparison.Ordinal)));
        Assert.Equal(1, (await CommandRun.OfAsync(server, "quarantine", "lift", "web-3", "-m", "m")).ExitCode);
    }

    [Fact]
    public async Task What_is_quarantined_is_listed()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/m/proxy-quarantines", 200, $$"""{"total":1,"items":[{{Stolen}}],"next":null}""");

        var run = await CommandRun.OfAsync(server, "quarantine", "list", "-m", "m");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"MESH +NAME +PROXY +REASON +AGE\s+m +web-1 +web-1 +found in a paste +1h 0m", run.Out);
        Assert.Contains("which proxy?", (await CommandRun.OfAsync(server, "quarantine")).Error, StringComparison.Ordinal);
    }
}
