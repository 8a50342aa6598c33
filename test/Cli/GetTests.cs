using System.Text.Json.Nodes;
using OrleansMesh.Domain.Reading;

namespace OrleansMesh.Cli.Tests;

public sealed class GetTests
{
    private const string Permission = """
        {"type":"TrafficPermission","mesh":"default","name":"web-to-backend",
         "creationTime":"2026-11-22T11:00:00.345473799Z","modificationTime":"2026-11-22T11:00:00Z","labels":{"kuma.io/mesh":"default"},
         "sources":[{"match":{"kuma.io/service":"web"}},{"match":{"version":"1.0","kuma.io/service":"*"}}],"destinations":[{"match":{"kuma.io/service":"backend"}}]}
        """;

    [Theory]
    [InlineData("traffic-permissions")]
    [InlineData("traffic-permission")]
    [InlineData("TrafficPermission")]
    [InlineData("tp")]
    public async Task A_type_has_several_names(string type)
    {
        await using var server = await ServerAsync();

        var run = await CommandRun.OfAsync(server, "get", type);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("GET /meshes/default/traffic-permissions", Assert.Single(server.Requests).Request);
    }

    [Theory]
    [InlineData("delete", "dataplane", "..")]
    [InlineData("delete", "dataplane", ".")]
    [InlineData("delete", "mesh", "")]
    [InlineData("get", "dataplane", "..")]
    [InlineData("inspect", "dataplane", "..")]
    [InlineData("get", "dataplanes", "--mesh", "..")]
    public async Task A_name_that_would_be_another_path_is_not_sent(params string[] arguments)
    {
        await using var server = await ServerAsync();

        var run = await CommandRun.OfAsync(server, arguments);

        Assert.Equal((1, $"error: '{arguments[^1]}' is no name that a resource can have\n"), (run.ExitCode, run.Error));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_table_has_a_line_for_each_item_under_its_columns()
    {
        await using var server = await ServerAsync();

        var run = await CommandRun.OfAsync(server, "get", "traffic-permissions");

        Assert.Equal(
            """
            MESH      NAME             SOURCES                         DESTINATIONS              AGE
            default   web-to-backend   kuma.io/service=web             kuma.io/service=backend   1d 0h
                                       kuma.io/service=* version=1.0

            """,
            run.Out);
        Assert.Equal("", run.Error);
    }

    [Theory]
    [InlineData("PERMISSIVE", "ca-1 PERMISSIVE (plain traffic is let in)")]
    [InlineData("STRICT", "ca-1")]
    public async Task A_mesh_that_lets_plain_traffic_in_is_not_shown_as_others_are(string mode, string shown)
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes", 200, $$$"""
            {"total":1,"items":[{"type":"Mesh","name":"m","mtls":{"enabledBackend":"ca-1","backends":[
              {"name":"ca-0","type":"builtin","mode":"STRICT"},{"name":"ca-1","type":"builtin","mode":"{{{mode}}}"}]}}],"next":null}
            """);

        var run = await CommandRun.OfAsync(server, "get", "meshes");

        Assert.Equal($"m {shown}", string.Join(' ', run.Out.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task A_table_for_a_file_is_never_wrapped_and_has_no_escape_sequences()
    {
        var name = new string('n', 200);
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes", 200, $$$"""{"total":1,"items":[{"type":"Mesh","name":"{{{name}}}","mtls":{"enabledBackend":"ca-1\u001b[31m"}}],"next":null}""");

        var run = await CommandRun.OfAsync(server, "get", "meshes");

        Assert.Contains(run.Out.Split('\n'), line => line.Contains(name, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task Yaml_is_read_again_as_the_same_resource()
    {
        await using var server = await ServerAsync();

        var one = await CommandRun.OfAsync(server, "get", "tp", "web-to-backend", "-o", "yaml");
        var list = await CommandRun.OfAsync(server, "get", "tp", "-o", "yaml");

        var original = Assert.Single(ResourceReader.Read(Permission));
        Assert.NotNull(original.Resource);
        Assert.Equal(original.Resource, Assert.Single(ResourceReader.Read(one.Out)).Resource);
        Assert.Equal(original.Resource, Assert.Single(ResourceReader.Read(list.Out)).Resource);
        Assert.Contains("version: \"1.0\"", one.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_of_one_is_the_resource_and_of_all_a_list()
    {
        await using var server = await ServerAsync();

        var one = await CommandRun.OfAsync(server, "get", "tp", "web-to-backend", "-o", "json");
        var list = await CommandRun.OfAsync(server, "get", "tp", "-o", "json");

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Permission), JsonNode.Parse(one.Out)));
        Assert.Equal(1, JsonNode.Parse(list.Out)!["total"]!.GetValue<int>());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Permission), JsonNode.Parse(list.Out)!["items"]![0]));
    }

    [Fact]
    public async Task All_pages_of_a_list_are_read()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes", 200, $$"""{"total":2,"items":[{"type":"Mesh","name":"a"}],"next":"http://elsewhere.invalid/meshes?offset=1"}""");
        server.On("GET /meshes?offset=1", 200, """{"total":2,"items":[{"type":"Mesh","name":"b"}],"next":null}""");

        var run = await CommandRun.OfAsync(server, "get", "meshes", "-o", "json");

        Assert.Equal(["a", "b"], JsonNode.Parse(run.Out)!["items"]!.AsArray().Select(mesh => mesh!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task None_is_said_to_a_person_and_is_an_empty_list_to_a_program()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("GET /meshes/shop/dataplanes", 200, """{"total":0,"items":[],"next":null}""");

        var table = await CommandRun.OfAsync(server, "get", "dataplanes", "-m", "shop");
        var json = await CommandRun.OfAsync(server, "get", "dataplanes", "-m", "shop", "-o", "json");

        Assert.Equal((0, "", "There are no dataplanes.\n"), (table.ExitCode, table.Out, table.Error));
        Assert.Empty(JsonNode.Parse(json.Out)!["items"]!.AsArray());
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        await using var server = await RecordingServer.StartAsync();
        const string NotFound = """{"type":"/std-errors","status":404,"title":"Could not retrieve a resource","detail":"Not found","details":"Not found"}""";
        server.On("GET /meshes/default/dataplanes/a", 404, NotFound).On("DELETE /meshes/nosuch", 404, NotFound);

        var get = await CommandRun.OfAsync(server, "get", "dp", "a");
        var delete = await CommandRun.OfAsync(server, "delete", "mesh", "nosuch");

        Assert.Equal((1, "error: there is no dataplane 'a' of mesh 'default'\n"), (get.ExitCode, get.Error));
        Assert.Equal((1, "error: there is no mesh 'nosuch'\n"), (delete.ExitCode, delete.Error));
    }

    [Fact]
    public async Task Delete_says_what_it_deleted()
    {
        await using var server = await RecordingServer.StartAsync();
        server.On("DELETE /meshes/default/traffic-permissions/web-to-backend", 200, "{}");

        var run = await CommandRun.OfAsync(server, "delete", "traffic-permission", "web-to-backend");

        Assert.Equal((0, "traffic-permission 'web-to-backend' of mesh 'default' deleted\n"), (run.ExitCode, run.Out));
    }

    private static async Task<RecordingServer> ServerAsync()
        => (await RecordingServer.StartAsync())
            .On("GET /meshes/default/traffic-permissions", 200, $$"""{"total":1,"items":[{{Permission}}],"next":null}""")
            .On("GET /meshes/default/traffic-permissions/web-to-backend", 200, Permission);
}
