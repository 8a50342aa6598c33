namespace OrleansMesh.Cli.Tests;

public sealed class HistoryTests
{
    private const string Changes = """
        {"total":3,"next":null,"items":[
         {"position":12,"version":3,"time":"2026-11-23T11:00:00.5Z","actor":"user:ada","cause":"request:1","type":"traffic-permission.changed",
          "description":"traffic permission web-to-backend was changed",
          "changes":[{"field":"sources[0].match[\"kuma.io/service\"]","before":"web","after":"frontend"},{"field":"labels.team","before":"a","after":null}]},
         {"position":7,"version":2,"time":"2026-11-22T11:00:00Z","actor":"system","cause":"","type":"traffic-permission.created",
          "description":"traffic permission web-to-backend was made\u001b[31m","changes":[{"field":"labels.team","before":null,"after":"a"}]}]}
        """;

    [Fact]
    public async Task Changes_are_told_with_who_when_and_value_by_value()
    {
        await using var server = await ServerAsync("size=50");

        var run = await CommandRun.OfAsync(server, "history", "traffic-permission", "web-to-backend");

        Assert.Equal(
            """
            2026-11-23 11:00:00.500 UTC  user:ada  for request:1  #12
                traffic permission web-to-backend was changed
                ~ sources[0].match["kuma.io/service"]: web -> frontend
                - labels.team: a
            2026-11-22 11:00:00.000 UTC  system  #7
                traffic permission web-to-backend was made�[31m
                + labels.team: a

            """,
            run.Out);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("tp", "/meshes/default/traffic-permissions/x/_history?size=50")]
    [InlineData("mesh", "/meshes/x/_history?size=50")]
    [InlineData("proxy", "/meshes/default/proxies/x/_history?size=50")]
    [InlineData("services", "/meshes/default/services/x/_history?size=50")]
    [InlineData("ca", "/meshes/default/certificate-authorities/x/_history?size=50")]
    public async Task A_kind_has_the_names_that_a_person_would_try(string kind, string path)
    {
        await using var server = await RecordingServer.StartAsync();
        server.On($"GET {path}", 200, Changes);

        Assert.Equal(0, (await CommandRun.OfAsync(server, "history", kind, "x")).ExitCode);
    }

    [Fact]
    public async Task Since_and_limit_are_asked_of_the_server_and_a_limit_ends_the_reading()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On(
            "GET /meshes/default/traffic-permissions/x/_history?size=1&since=2026-11-23T10:00:00.0000000Z",
            200,
            Changes.Replace("\"next\":null", "\"next\":\"http://elsewhere.invalid/next\"", StringComparison.Ordinal));

        var run = await CommandRun.OfAsync(server, "history", "tp", "x", "--since", "2h", "--limit", "1", "-o", "json");

        Assert.Equal(0, run.ExitCode);
        Assert.Single(System.Text.Json.Nodes.JsonNode.Parse(run.Out)!["items"]!.AsArray());
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("history", "nonsense", "x")]
    [InlineData("history", "mesh", "x", "--since", "yesterday")]
    [InlineData("history", "mesh", "x", "--limit", "0")]
    public async Task What_cannot_be_asked_is_refused(params string[] arguments)
    {
        await using var server = await RecordingServer.StartAsync();

        Assert.Equal(2, (await CommandRun.OfAsync(server, arguments)).ExitCode);
        Assert.Empty(server.Requests);
    }

    private static async Task<RecordingServer> ServerAsync(string query)
        => (await RecordingServer.StartAsync()).On($"GET /meshes/default/traffic-permissions/web-to-backend/_history?{query}", 200, Changes);
}
