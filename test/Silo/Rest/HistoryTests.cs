using System.Text.Json.Nodes;

namespace OrleansMesh.Silo.Tests.Rest;

public sealed class HistoryTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_permissions_history_names_who_changed_what_when_and_for_which_request()
    {
        await server.PutAsync("/meshes/told", Documents.Mesh("told"));
        const string Path = "/meshes/told/traffic-permissions/web-to-backend";
        await server.PutAsync(Path, Documents.Permission("told", "web-to-backend", "web", "backend"));
        await server.PutAsync("/meshes/told/traffic-permissions/another", Documents.Permission("told", "another", "web", "backend"));
        var changed = await server.PutAsync(Path, Documents.Permission("told", "web-to-backend", "frontend", "backend"));
        await server.DeleteAsync(Path);

        var history = await server.GetAsync($"{Path}/_history");

        Assert.Equal(200, history.Status);
        Assert.Equal(
            ["traffic-permission.deleted", "traffic-permission.changed", "traffic-permission.created"],
            history.Items.Select(i => (string?)i!["type"]));
        var change = history.Items[1]!;
        Assert.Equal(($"user:{(await server.GetAsync("/who-am-i")).Json["name"]}", Assert.Single(changed.Headers.GetValues("X-Request-Id"))), ((string?)change["actor"], (string?)change["cause"]));
        Assert.Equal(long.Parse(Assert.Single(changed.Headers.GetValues("Mesh-Position"))), (long)change["position"]!);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""[{"field":"sources[0].match[\"kuma.io/service\"]","before":"web","after":"frontend"}]"""), change["changes"]));
        Assert.Equal("traffic permission web-to-backend was changed", (string?)change["description"]);
    }

    [Fact]
    public async Task Pages_follow_one_another_from_the_newest_on()
    {
        await server.PutAsync("/meshes/paged", Documents.Mesh("paged"));
        for (var i = 0; i < 7; i++)
            await server.PutAsync("/meshes/paged/dataplanes/web-1", Documents.Dataplane("paged", "web-1", "web", 10000 + i));

        var ports = new List<string?>();
        for (string? path = "/meshes/paged/dataplanes/web-1/_history?size=3"; path is not null;)
        {
            var page = await server.GetAsync(path);
            Assert.Equal(7, (int)page.Json["total"]!);
            Assert.InRange(page.Items.Count, 1, 3);
            ports.AddRange(page.Items.Select(i => (string?)i!["changes"]!.AsArray().First(c => (string?)c!["field"] == "networking.inbound[0].port")!["after"]));
            path = (string?)page.Json["next"] is { } next ? new Uri(next).PathAndQuery : null;
        }

        Assert.Equal(["10006", "10005", "10004", "10003", "10002", "10001", "10000"], ports);
    }

    [Fact]
    public async Task Since_leaves_out_what_is_older_and_an_empty_history_is_no_missing_one()
    {
        await server.PutAsync("/meshes/aged", Documents.Mesh("aged"));
        var all = await server.GetAsync("/meshes/aged/_history");

        var none = await server.GetAsync($"/meshes/aged/_history?since={Uri.EscapeDataString(DateTimeOffset.UtcNow.AddHours(1).ToString("O"))}");
        var some = await server.GetAsync($"/meshes/aged/_history?since={Uri.EscapeDataString((string)all.Items[0]!["time"]!)}");

        Assert.Equal((200, 0), (none.Status, none.Items.Count));
        Assert.Single(some.Items);
    }

    [Theory]
    [InlineData("/meshes/never/_history", 404)]
    [InlineData("/meshes/default/traffic-permissions/never/_history", 404)]
    [InlineData("/meshes/default/services/with%20space/_history", 404)]
    [InlineData("/meshes/default/_history?size=0", 400)]
    [InlineData("/meshes/default/_history?since=yesterday", 400)]
    [InlineData("/meshes/default/_history?before=x", 400)]
    public async Task What_never_was_and_a_wrong_query_are_refused(string path, int status) => Assert.Equal(status, (await server.GetAsync(path)).Status);

    [Fact]
    public async Task A_request_is_found_in_the_histories_of_all_that_it_changed()
    {
        await server.PutAsync("/meshes/linked", Documents.Mesh("linked"));
        var put = await server.PutAsync("/meshes/linked/dataplanes/web-1", Documents.Dataplane("linked", "web-1", "web"));

        var service = (await server.GetAsync("/meshes/linked/services/web/_history")).Items[0]!;

        Assert.Equal(Assert.Single(put.Headers.GetValues("X-Request-Id")), (string?)service["cause"]);
        Assert.Equal("proxy web-1 gives the service 127.0.0.1:10000", (string?)service["description"]);
    }
}
