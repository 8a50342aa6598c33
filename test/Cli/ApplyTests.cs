using System.Text.Json.Nodes;

namespace OrleansMesh.Cli.Tests;

public sealed class ApplyTests : IDisposable
{
    private const string Mesh = """
        type: Mesh
        name: shop
        """;

    private const string Permission = """
        apiVersion: kuma.io/v1alpha1
        kind: TrafficPermission
        mesh: shop
        metadata:
          name: permission-1
        spec:
          sources:
          - match:
              kuma.io/service: web
          destinations:
          - match:
              kuma.io/service: backend
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("apply-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_document_is_put_in_universal_form_the_mesh_before_what_is_in_it()
    {
        await using var server = await ServerAsync();
        var file = Write("all.yaml", $"{Permission}\n---\n{Mesh}\n");

        var run = await CommandRun.OfAsync(server, "apply", "-f", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["PUT /meshes/shop", "PUT /meshes/shop/traffic-permissions/permission-1"], server.Requests.Select(request => request.Request));
        var sent = JsonNode.Parse(server.Requests[1].Body)!;
        Assert.Equal("TrafficPermission", sent["type"]!.GetValue<string>());
        Assert.Equal("web", sent["sources"]![0]!["match"]!["kuma.io/service"]!.GetValue<string>());
        Assert.Equal("mesh 'shop' applied\ntraffic-permission 'permission-1' of mesh 'shop' created\n", run.Out);
    }

    [Fact]
    public async Task Each_request_waits_for_what_the_one_before_it_did_whichever_server_answers()
    {
        await using var server = await ServerAsync();
        server.Position = "17";

        await CommandRun.OfAsync(server, "apply", "-f", Write("all.yaml", $"{Permission}\n---\n{Mesh}\n"));

        Assert.Equal(["", "17"], server.Requests.Select(request => request.Position));
    }

    [Fact]
    public async Task One_bad_document_among_many_changes_nothing_and_every_problem_is_named_with_its_place()
    {
        await using var server = await ServerAsync();
        Write("1-mesh.yaml", Mesh);
        var second = Write("2-more.yaml", $"{Permission}\n---\ntype: Dataplane\nmesh: shop\nname: web-1\nnetworking:\n  address: 127.0.0.1\n  inbound:\n  - port: 70000\n    tags:\n      kuma.io/service: web\n    colour: red\n");
        var third = Write("3-broken.json", """{"type": "Mesh", "name": """);

        var run = await CommandRun.OfAsync(server, "apply", "-f", _folder.FullName);

        Assert.Equal(1, run.ExitCode);
        Assert.Empty(server.Requests);
        Assert.Equal("", run.Out);
        Assert.Contains("nothing was changed", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{second}, document 2 (line 14), dataplane 'web-1': networking.inbound[0].port: ", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{second}, document 2 (line 14), dataplane 'web-1': networking.inbound[0].colour: ", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{third}: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_gives_its_documents_in_the_order_of_names_and_nothing_else()
    {
        await using var server = await ServerAsync();
        foreach (var name in new[] { "b.yml", "a.json", "C.yaml" })
            Write(name, $$"""{"type": "Mesh", "name": "mesh-{{char.ToLowerInvariant(name[0])}}"}""");
        Write("notes.txt", "not a document: [");
        server.On("PUT /meshes/mesh-a", 201, "{}").On("PUT /meshes/mesh-b", 201, "{}").On("PUT /meshes/mesh-c", 201, "{}");

        var run = await CommandRun.OfAsync(server, "apply", "-f", _folder.FullName);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["PUT /meshes/mesh-c", "PUT /meshes/mesh-a", "PUT /meshes/mesh-b"], server.Requests.Select(request => request.Request));
    }

    [Fact]
    public async Task Standard_input_is_read_for_a_dash()
    {
        await using var server = await ServerAsync();

        var run = await CommandRun.OfAsync(Permission, ["apply", "-f", "-", "--server", server.Address.ToString()]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("PUT /meshes/shop/traffic-permissions/permission-1", Assert.Single(server.Requests).Request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n---\n")]
    public async Task No_document_is_an_error(string input)
    {
        var run = await CommandRun.OfAsync(input, ["apply", "-f", "-"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("there is no document in (standard input)", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_documents_and_a_file_that_is_not_there_are_errors()
    {
        var empty = await CommandRun.OfAsync("", ["apply", "-f", _folder.FullName]);
        var missing = await CommandRun.OfAsync("", ["apply", "-f", Path.Combine(_folder.FullName, "missing.yaml")]);

        Assert.Equal((1, 1), (empty.ExitCode, missing.ExitCode));
        Assert.Contains("has no .yaml, .yml or .json file", empty.Error, StringComparison.Ordinal);
        Assert.Contains("missing.yaml", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_go_to_standard_error_and_into_the_result_for_programs()
    {
        await using var server = await ServerAsync();
        server.On("PUT /meshes/shop/traffic-permissions/permission-1", 200, """{"warnings":["takes over backend from permission-0"]}""");
        var file = Write("p.yaml", Permission);

        var table = await CommandRun.OfAsync(server, "apply", "-f", file);
        var json = await CommandRun.OfAsync(server, "apply", "-f", file, "-o", "json");

        Assert.Equal((0, 0), (table.ExitCode, json.ExitCode));
        Assert.Contains("warning: traffic-permission 'permission-1' of mesh 'shop': takes over backend from permission-0\n", table.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", table.Out, StringComparison.Ordinal);
        var item = JsonNode.Parse(json.Out)!["items"]![0]!;
        Assert.Equal("takes over backend from permission-0", item["warnings"]![0]!.GetValue<string>());
        Assert.Equal("applied", item["outcome"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_refusal_names_the_document_every_field_and_what_was_done_before()
    {
        await using var server = await ServerAsync();
        server.On("PUT /meshes/shop/traffic-permissions/permission-1", 400, """
            {"type":"/std-errors","status":400,"title":"Could not process a resource","detail":"Resource is not valid",
             "invalid_parameters":[{"field":"sources","reason":"must have at least one element"},{"field":"mesh","reason":"must exist"}],
             "causes":[{"field":"sources","message":"must have at least one element"}]}
            """);
        var file = Write("all.yaml", $"{Mesh}\n---\n{Permission}\n");

        var run = await CommandRun.OfAsync(server, "apply", "-f", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{file}, document 2", run.Error, StringComparison.Ordinal);
        Assert.Contains("Could not process a resource: Resource is not valid\n  sources: must have at least one element\n  mesh: must exist\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("Applied before that: 1 of 2.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_of_another_mesh_than_the_one_named_changes_nothing()
    {
        await using var server = await ServerAsync();
        var file = Write("all.yaml", $"{Mesh}\n---\n{Permission}\n");

        var run = await CommandRun.OfAsync(server, "apply", "-f", file, "--mesh", "prod");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--mesh says 'prod', and the document 'shop'", run.Error, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    private static async Task<RecordingServer> ServerAsync()
        => (await RecordingServer.StartAsync())
            .On("PUT /meshes/shop", 200, "{}")
            .On("PUT /meshes/shop/traffic-permissions/permission-1", 201, "{}");

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
