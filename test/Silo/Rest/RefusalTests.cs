using System.Net.Sockets;
using System.Text;

namespace OrleansMesh.Silo.Tests.Rest;

public sealed class RefusalTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_refusal_is_a_problem_document_that_names_every_wrong_field_in_both_of_kumas_ways()
    {
        var answer = await server.PutAsync(
            "/meshes/default/dataplanes/x",
            """{"type":"Dataplane","name":"x","mesh":"default","networking":{"address":"","inbound":[{"port":70000,"tags":{"kuma.io/service":"a"}}]}}""");

        Assert.Equal((400, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal(("/std-errors", 400, "Could not process a resource"), ((string?)answer.Json["type"], (int)answer.Json["status"]!, (string?)answer.Json["title"]));
        Assert.Equal(("Resource is not valid", "Resource is not valid"), ((string?)answer.Json["detail"], (string?)answer.Json["details"]));
        Assert.Equal(["networking.address", "networking.inbound[0].port"], answer.InvalidFields);
        Assert.Equal(
            answer.Json["invalid_parameters"]!.AsArray().Select(p => ((string?)p!["field"], (string?)p["reason"])),
            answer.Json["causes"]!.AsArray().Select(p => ((string?)p!["field"], (string?)p["message"])));
        Assert.Equal(404, (await server.GetAsync("/meshes/default/dataplanes/x")).Status);
    }

    [Fact]
    public async Task A_document_about_another_resource_than_the_path_is_refused()
    {
        var name = await server.PutAsync("/meshes/default/dataplanes/x", Documents.Dataplane("default", "y", "a"));
        Assert.Equal((400, "name"), (name.Status, Assert.Single(name.InvalidFields)));
        Assert.Contains("name from the URL has to be the same as in body", name.Text, StringComparison.Ordinal);

        var mesh = await server.PutAsync("/meshes/default/dataplanes/x", Documents.Dataplane("other", "x", "a"));
        Assert.Equal((400, "mesh"), (mesh.Status, Assert.Single(mesh.InvalidFields)));

        var type = await server.PutAsync("/meshes/default/dataplanes/x", Documents.Permission("default", "x", "a", "b"));
        Assert.Equal((400, "type"), (type.Status, Assert.Single(type.InvalidFields)));
    }

    [Theory]
    [InlineData("{not json", 400, "Bad Request")]
    [InlineData("", 400, "Bad Request")]
    [InlineData("[]", 400, "Bad Request")]
    public async Task A_body_that_is_no_document_is_a_bad_request(string body, int status, string title)
    {
        var answer = await server.PutAsync("/meshes/default/dataplanes/x", body);
        Assert.Equal((status, title), (answer.Status, (string?)answer.Json["title"]));
        Assert.StartsWith("invalid Dataplane object: \"", (string)answer.Json["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_belongs_to_a_mesh_that_does_not_exist_is_not_found()
    {
        var put = await server.PutAsync("/meshes/nosuch/dataplanes/x", Documents.Dataplane("nosuch", "x", "a"));
        Assert.Equal((404, "Failed to retrieve Mesh", "Not found"), (put.Status, (string?)put.Json["title"], (string?)put.Json["detail"]));
        Assert.Equal(404, (await server.PutAsync("/meshes/nosuch/traffic-permissions/x", Documents.Permission("nosuch", "x", "a", "b"))).Status);
        Assert.Equal(404, (await server.GetAsync("/meshes/nosuch/dataplanes")).Status);
        var get = await server.GetAsync("/meshes/nosuch");
        Assert.Equal((404, "Could not retrieve a resource", "Not found"), (get.Status, (string?)get.Json["title"], (string?)get.Json["details"]));
    }

    [Theory]
    [InlineData("/nosuch")]
    [InlineData("/versions")]
    [InlineData("/meshes/default/circuit-breakers")]
    [InlineData("/metrics")]
    [InlineData("/healthy")]
    [InlineData("/bootstrap")]
    public async Task A_path_that_is_not_served_here_is_kumas_plain_404(string path)
    {
        var answer = await server.GetAsync(path);
        Assert.Equal((404, "text/plain; charset=utf-8", "404: Page Not Found"), (answer.Status, answer.ContentType, answer.Text));
    }

    [Fact]
    public async Task A_method_that_is_not_served_says_which_are()
    {
        var answer = await server.PostAsync("/meshes/default", "{}");
        Assert.Equal((405, 405), (answer.Status, (int)answer.Json["status"]!));
        Assert.Contains("PUT", (string)answer.Json["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task A_body_of_another_media_type_is_refused(string contentType)
        => Assert.Equal(415, (await server.PutAsync("/meshes/m", Documents.Mesh("m"), contentType)).Status);

    [Fact]
    public async Task A_body_that_is_too_long_is_refused()
    {
        // Asked first, the server answers before the body is sent; otherwise it may close the connection while the client still writes.
        var answer = await server.SendAsync(
            HttpMethod.Put, "/meshes/long", Documents.Mesh("long") + new string(' ', 1_100_000), "application/json", ("Expect", "100-continue"));
        Assert.Equal((413, 413), (answer.Status, (int)answer.Json["status"]!));
    }

    [Theory]
    [InlineData("size=abc", "size", "Invalid page size")]
    [InlineData("size=-1", "size", "Invalid page size")]
    [InlineData("size=0", "size", "Invalid page size")]
    [InlineData("size=1001", "size", "Invalid page size")]
    [InlineData("offset=x", "offset", "Invalid offset")]
    public async Task A_page_that_is_none_is_refused(string query, string field, string detail)
    {
        var answer = await server.GetAsync($"/meshes/default/dataplanes?{query}");
        Assert.Equal((400, "Could not retrieve resources", detail), (answer.Status, (string?)answer.Json["title"], (string?)answer.Json["detail"]));
        Assert.Equal(field, Assert.Single(answer.InvalidFields));
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "evil.example:5681")]
    [InlineData("Host", "localhost.evil.example")]
    [InlineData("Host", "10.0.0.1")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_request_that_another_sites_page_could_have_made_is_refused_and_changes_nothing(string header, string value)
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
            Assert.Equal(403, (await server.SendAsync(method, "/meshes/default", headers: (header, value))).Status);
        Assert.Equal(403, (await server.SendAsync(HttpMethod.Put, "/meshes/evil", Documents.Mesh("evil"), "application/json", (header, value))).Status);
        Assert.Equal(200, (await server.GetAsync("/meshes/default")).Status);
        Assert.Equal(404, (await server.GetAsync("/meshes/evil")).Status);
    }

    [Theory]
    [InlineData("Host", "localhost")]
    [InlineData("Host", "LOCALHOST:1")]
    [InlineData("Host", "127.0.0.1:9")]
    [InlineData("Host", "[::1]:9")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    public async Task Loopbacks_names_and_what_a_person_opens_are_served(string header, string value)
        => Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/meshes/default", headers: (header, value))).Status);

    [Fact]
    public async Task A_page_of_this_server_itself_may_call_it()
        => Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/", headers: ("Origin", $"http://127.0.0.1:{server.Ports.Api}"))).Status);

    [Fact]
    public async Task A_line_break_in_a_path_does_not_break_anything()
        => Assert.Equal(404, (await server.GetAsync("/meshes/a%0Ab%2F..%2Fdefault")).Status);

    [Fact]
    public async Task A_name_that_cannot_be_is_refused_and_not_an_error_of_the_server()
    {
        Assert.Equal(400, (await server.PutAsync("/meshes/Not%20A%20Name", Documents.Mesh("Not A Name"))).Status);
        Assert.Equal(404, (await server.DeleteAsync("/meshes/default/dataplanes/%C3%A4%20%20")).Status);
    }

    [Theory]
    [InlineData("DELETE", "/meshes/spared/dataplanes/..")]
    [InlineData("DELETE", "/meshes/spared/dataplanes/%2e%2E")]
    [InlineData("DELETE", "/meshes/spared/.")]
    [InlineData("DELETE", "/meshes/x/../spared?force=true")]
    [InlineData("GET", "/meshes/./spared")]
    public async Task A_path_with_dot_segments_is_not_taken_for_another_path(string method, string path)
    {
        await server.PutAsync("/meshes/spared", Documents.Mesh("spared"));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Ports.Api);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());

        Assert.StartsWith("HTTP/1.1 400 ", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(200, (await server.GetAsync("/meshes/spared")).Status);
    }

    [Fact]
    public async Task Dots_in_a_query_and_within_names_are_no_dot_segments()
    {
        Assert.Equal(200, (await server.GetAsync("/meshes?name=/../")).Status);
        Assert.Equal(404, (await server.GetAsync("/meshes/default/dataplanes/a..b")).Status);
        Assert.Equal(404, (await server.GetAsync("/meshes/default/dataplanes/...")).Status);
    }

    [Theory]
    [InlineData("gateway=maybe", "gateway")]
    [InlineData("filter[name]=a", "filter[name]")]
    [InlineData("filter[labels.a][ne]=b", "filter[labels.a][ne]")]
    public async Task A_filter_that_is_none_is_refused_and_not_passed_over(string query, string field)
    {
        foreach (var list in new[] { "/dataplanes", "/meshes/default/dataplanes/_overview" })
        {
            var answer = await server.GetAsync($"{list}?{query}");
            Assert.Equal((400, "Could not retrieve resources"), (answer.Status, (string?)answer.Json["title"]));
            Assert.Equal(field, Assert.Single(answer.InvalidFields));
        }
    }

    [Fact]
    public async Task Half_a_character_is_refused_and_not_an_error_of_the_server()
    {
        var mesh = await server.PutAsync("/meshes/half", """{"type":"Mesh","name":"half","labels":{"a":"\ud83d"}}""");
        Assert.Equal((400, "Bad Request"), (mesh.Status, (string?)mesh.Json["title"]));

        var token = await server.PostAsync("/tokens/dataplane", """{"mesh":"default","name":"\ud83d","tags":{"a":["\ude00"]}}""");
        Assert.Equal(400, token.Status);
        Assert.Equal(["name", "tags[\"a\"]"], token.InvalidFields);
        Assert.Equal(400, (await server.PostAsync("/tokens/dataplane", """{"mesh":"default","\ud83d":1}""")).Status);
    }

    [Fact]
    public async Task Plain_text_on_the_proxies_tls_port_gets_nothing_and_the_server_goes_on()
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Ports.DpServer);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /meshes HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        var answer = "";
        try
        {
            answer = await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // The connection was reset, which is an answer too.
        }

        Assert.DoesNotContain("HTTP", answer, StringComparison.Ordinal);
        Assert.Equal(200, (await server.GetAsync("/meshes")).Status);
    }
}
