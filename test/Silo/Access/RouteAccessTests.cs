using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using OrleansMesh.Silo.Access;
using OrleansMesh.Silo.Rest;

namespace OrleansMesh.Silo.Tests.Access;

/// <summary>
/// Every route of the API against every role, by real requests with real tokens. A route that is added and is not in the table fails a test, and so does one
/// that does not say what it needs.
/// </summary>
public sealed class RouteAccessTests : IAsyncLifetime
{
    private const string Json = "application/json";

    // Rights are given in the mesh a only, but for those of "overall".
    private static readonly Dictionary<string, string> Roles = new()
    {
        ["reader"] = """{"access":["READ"],"mesh":"a"}""",
        ["writer"] = """{"access":["CREATE","UPDATE"],"mesh":"a"}""",
        ["deleter"] = """{"access":["DELETE"],"mesh":"a"}""",
        ["secrets"] = """{"access":["READ","CREATE","UPDATE","DELETE"],"types":["Secret"],"mesh":"a"}""",
        ["access"] = """{"access":["READ","CREATE","UPDATE","DELETE"],"types":["AccessRole","AccessRoleBinding","GlobalSecret"]}""",
        ["tokens"] = """{"access":["GENERATE_DATAPLANE_TOKEN"],"mesh":"a"}""",
        ["people"] = """{"access":["GENERATE_USER_TOKEN"]}""",
        ["keys"] = """{"access":["MANAGE_TOKENS"],"mesh":"a"}""",
        ["overall"] = """{"access":["READ","MANAGE_TOKENS","ADMINISTER","VIEW_HISTORY","MANAGE_AUTHORITIES"]}""",
    };

    private static readonly string[] Everybody = ["anonymous", "nobody", .. Roles.Keys, "admin"];

    /// <summary>Method and route, and who may; the path and body of each are made below.</summary>
    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["GET /"] = [.. Everybody.Skip(1)],
        ["GET /_resources"] = [.. Everybody.Skip(1)],
        ["GET /policies"] = [.. Everybody.Skip(1)],
        ["GET /who-am-i"] = Everybody,
        ["GET /config"] = ["overall", "admin"],

        ["GET /meshes"] = ["reader", "overall", "admin"],
        ["GET /meshes/{name}"] = ["reader", "overall", "admin"],
        ["PUT /meshes/{name}"] = ["writer", "admin"],
        ["DELETE /meshes/{name}"] = ["deleter", "admin"],
        ["GET /dataplanes"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes/{name}"] = ["reader", "overall", "admin"],
        ["PUT /meshes/{mesh}/dataplanes/{name}"] = ["writer", "admin"],
        ["DELETE /meshes/{mesh}/dataplanes/{name}"] = ["deleter", "admin"],
        ["GET /traffic-permissions"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/traffic-permissions"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/traffic-permissions/{name}"] = ["reader", "overall", "admin"],
        ["PUT /meshes/{mesh}/traffic-permissions/{name}"] = ["writer", "admin"],
        ["DELETE /meshes/{mesh}/traffic-permissions/{name}"] = ["deleter", "admin"],
        ["GET /proxy-quarantines"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/proxy-quarantines"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/proxy-quarantines/{name}"] = ["reader", "overall", "admin"],
        ["PUT /meshes/{mesh}/proxy-quarantines/{name}"] = ["writer", "admin"],
        ["DELETE /meshes/{mesh}/proxy-quarantines/{name}"] = ["deleter", "admin"],
        ["GET /secrets"] = ["secrets", "admin"],
        ["GET /meshes/{mesh}/secrets"] = ["secrets", "admin"],
        ["GET /meshes/{mesh}/secrets/{name}"] = ["secrets", "admin"],
        ["PUT /meshes/{mesh}/secrets/{name}"] = ["secrets", "admin"],
        ["DELETE /meshes/{mesh}/secrets/{name}"] = ["secrets", "admin"],
        ["GET /global-secrets"] = ["access", "admin"],
        ["GET /global-secrets/{name}"] = ["access", "admin"],
        ["PUT /global-secrets/{name}"] = ["access", "admin"],
        ["DELETE /global-secrets/{name}"] = ["access", "admin"],
        ["GET /globalsecrets"] = ["access", "admin"],
        ["GET /globalsecrets/{name}"] = ["access", "admin"],
        ["PUT /globalsecrets/{name}"] = ["access", "admin"],
        ["DELETE /globalsecrets/{name}"] = ["access", "admin"],
        ["GET /access-roles"] = ["access", "admin"],
        ["GET /access-roles/{name}"] = ["access", "admin"],
        ["PUT /access-roles/{name}"] = ["access", "admin"],
        ["DELETE /access-roles/{name}"] = ["access", "admin"],
        ["GET /access-role-bindings"] = ["access", "admin"],
        ["GET /access-role-bindings/{name}"] = ["access", "admin"],
        ["PUT /access-role-bindings/{name}"] = ["access", "admin"],
        ["DELETE /access-role-bindings/{name}"] = ["access", "admin"],

        ["GET /dataplanes/_overview"] = ["reader", "overall", "admin"],
        ["GET /dataplanes+insights"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes/_overview"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes+insights"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes/{name}/_overview"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes+insights/{name}"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes/{name}/_inspect"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes/{name}/policies"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/traffic-permissions/{name}/dataplanes"] = ["reader", "overall", "admin"],
        ["GET /mesh-insights"] = ["reader", "overall", "admin"],
        ["GET /mesh-insights/{name}"] = ["reader", "overall", "admin"],
        ["GET /service-insights"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/service-insights"] = ["reader", "overall", "admin"],
        ["GET /meshes/{mesh}/service-insights/{name}"] = ["reader", "overall", "admin"],
        ["GET /global-insight"] = ["overall", "admin"],

        ["GET /meshes/{name}/_history"] = ["overall", "admin"],
        ["GET /meshes/{mesh}/dataplanes/{name}/_history"] = ["overall", "admin"],
        ["GET /meshes/{mesh}/traffic-permissions/{name}/_history"] = ["overall", "admin"],
        ["GET /meshes/{mesh}/proxy-quarantines/{name}/_history"] = ["overall", "admin"],
        ["GET /meshes/{mesh}/proxies/{name}/_history"] = ["overall", "admin"],
        ["GET /meshes/{mesh}/services/{name}/_history"] = ["overall", "admin"],
        ["GET /meshes/{mesh}/certificate-authorities/{name}/_history"] = ["overall", "admin"],
        ["GET /meshes/{mesh}/secrets/{name}/_history"] = ["admin"],
        ["GET /global-secrets/{name}/_history"] = ["admin"],
        ["GET /access-roles/{name}/_history"] = ["admin"],
        ["GET /access-role-bindings/{name}/_history"] = ["admin"],

        ["GET /meshes/{mesh}/authorities"] = ["overall", "admin"],
        ["POST /meshes/{mesh}/authorities/pause"] = ["overall", "admin"],
        ["POST /meshes/{mesh}/authorities/resume"] = ["overall", "admin"],
        ["POST /meshes/{mesh}/authorities/reverse"] = ["overall", "admin"],
        ["POST /meshes/{mesh}/authorities/force"] = ["overall", "admin"],
        ["GET /log/export"] = ["overall", "admin"],
        ["POST /key-encryption-key/rotate"] = ["overall", "admin"],

        ["POST /tokens/dataplane"] = ["tokens", "admin"],
        ["POST /tokens/user"] = ["people", "admin"],
        ["GET /meshes/{mesh}/dataplane-tokens/signing-keys"] = ["keys", "overall", "admin"],
        ["POST /meshes/{mesh}/dataplane-tokens/signing-keys"] = ["keys", "overall", "admin"],
        ["DELETE /meshes/{mesh}/dataplane-tokens/signing-keys/{id}"] = ["keys", "overall", "admin"],
        ["GET /meshes/{mesh}/dataplane-tokens/revocations"] = ["keys", "overall", "admin"],
        ["POST /meshes/{mesh}/dataplane-tokens/revocations"] = ["keys", "overall", "admin"],
        ["DELETE /meshes/{mesh}/dataplane-tokens/revocations/{id}"] = ["keys", "overall", "admin"],
        ["GET /user-tokens/signing-keys"] = ["overall", "admin"],
        ["POST /user-tokens/signing-keys"] = ["overall", "admin"],
        ["DELETE /user-tokens/signing-keys/{id}"] = ["overall", "admin"],
        ["GET /user-tokens/revocations"] = ["overall", "admin"],
        ["POST /user-tokens/revocations"] = ["overall", "admin"],
        ["DELETE /user-tokens/revocations/{id}"] = ["overall", "admin"],
    };

    private readonly Dictionary<string, string?> _tokens = [];
    private TestServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await TestServer.StartAsync(("api.loopbackIsAdmin", "false"));
        _tokens["admin"] = (await File.ReadAllTextAsync(Path.Combine(_server.Data, AdminToken.FileName))).Trim();
        await Must(PutAsync("/meshes/a", Documents.Mesh("a")));
        foreach (var (role, rule) in Roles)
        {
            await Must(PutAsync($"/access-roles/{role}", $$"""{"type":"AccessRole","name":"{{role}}","rules":[{{rule}}]}"""));
            await Must(PutAsync(
                $"/access-role-bindings/{role}", $$"""{"type":"AccessRoleBinding","name":"{{role}}","subjects":[{"type":"Group","name":"{{role}}s"}],"roles":["{{role}}"]}"""));
        }

        foreach (var user in Everybody.Where(u => u is not "anonymous" and not "admin"))
            _tokens[user] = (await Must(SendAsync("admin", HttpMethod.Post, "/tokens/user", $$"""{"name":"{{user}}","groups":["{{user}}s"]}"""))).Text;
        _tokens["anonymous"] = null;
    }

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void Every_route_says_what_it_needs_and_is_in_the_table()
    {
        var routes = Routes().ToList();
        Assert.Empty(routes.Where(r => r.Endpoint.Metadata.GetMetadata<RequiredAccess>() is null).Select(r => r.Name));
        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), routes.Select(r => r.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_route_serves_these_and_nobody_else()
    {
        var wrong = new List<string>();
        foreach (var (route, allowed) in Table)
        {
            await Must(PutAsync("/meshes/a", Documents.Mesh("a")));

            // Nothing of those who may not may have any effect on those who may.
            foreach (var user in Everybody.Except(allowed).Concat(allowed))
            {
                var answer = await RequestAsync(user, route);
                var (may, expected) = (allowed.Contains(user), user == "anonymous" ? 401 : 403);
                if (may ? answer.Status is 401 or 403 or >= 500 : answer.Status != expected)
                    wrong.Add($"{route} for {user}: {answer.Status} {answer.Text}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_refusal_is_the_same_whether_or_not_there_is_something_and_says_what_is_missing()
    {
        await Must(PutAsync("/meshes/a/secrets/there", """{"type":"Secret","mesh":"a","name":"there","data":"AAAA"}"""));
        foreach (var (method, body) in new[] { ("GET", null), ("DELETE", null), ("PUT", """{"type":"Secret","mesh":"a","name":"x","data":"AAAA"}""") })
        {
            var there = await SendAsync("writer", new HttpMethod(method), "/meshes/a/secrets/there", body);
            var absent = await SendAsync("writer", new HttpMethod(method), "/meshes/a/secrets/notthere", body);
            Assert.Equal((403, "Access Denied"), (there.Status, (string?)there.Json["title"]));
            Assert.Equal(there.Text, absent.Text.Replace("'notthere'", "'there'", StringComparison.Ordinal));
        }

        var denied = await SendAsync("reader", HttpMethod.Delete, "/meshes/a");
        Assert.Equal("access denied: user 'reader' of readers, mesh-system:authenticated needs DELETE on Mesh 'a'", (string?)denied.Json["detail"]);
        var noMesh = await SendAsync("reader", HttpMethod.Get, "/meshes/nosuch/dataplanes");
        Assert.Equal(403, noMesh.Status);
    }

    [Fact]
    public async Task A_list_shows_what_its_reader_may_see()
    {
        await Must(PutAsync("/meshes/b", Documents.Mesh("b")));
        await Must(PutAsync("/meshes/b/dataplanes/x", Documents.Dataplane("b", "x", "s")));
        await Must(PutAsync("/meshes/a/dataplanes/x", Documents.Dataplane("a", "x", "s")));
        foreach (var list in (string[])["/dataplanes", "/dataplanes/_overview", "/service-insights"])
        {
            Assert.Equal(["a"], (await SendAsync("reader", HttpMethod.Get, list)).Items.Select(i => (string?)i!["mesh"]));
            Assert.Equal(["a", "b"], (await SendAsync("admin", HttpMethod.Get, list)).Items.Select(i => (string?)i!["mesh"]));
        }

        Assert.Equal(["a"], (await SendAsync("reader", HttpMethod.Get, "/meshes")).Items.Select(i => (string?)i!["name"]));
        Assert.Equal(["a"], (await SendAsync("reader", HttpMethod.Get, "/mesh-insights")).Items.Select(i => (string?)i!["name"]));
    }

    [Fact]
    public async Task Whoever_may_only_make_cannot_change_and_the_other_way_round()
    {
        await Must(PutAsync("/access-roles/maker", """{"type":"AccessRole","name":"maker","rules":[{"access":["CREATE"]}]}"""));
        await Must(PutAsync("/access-roles/changer", """{"type":"AccessRole","name":"changer","rules":[{"access":["UPDATE"]}]}"""));
        foreach (var role in (string[])["maker", "changer"])
        {
            await Must(PutAsync($"/access-role-bindings/{role}", $$"""{"type":"AccessRoleBinding","name":"{{role}}","subjects":[{"type":"User","name":"{{role}}"}],"roles":["{{role}}"]}"""));
            _tokens[role] = (await Must(SendAsync("admin", HttpMethod.Post, "/tokens/user", $$"""{"name":"{{role}}"}"""))).Text;
        }

        var permission = Documents.Permission("a", "p", "web", "api");
        Assert.Equal(403, (await SendAsync("changer", HttpMethod.Put, "/meshes/a/traffic-permissions/p", permission)).Status);
        Assert.Equal(201, (await SendAsync("maker", HttpMethod.Put, "/meshes/a/traffic-permissions/p", permission)).Status);
        Assert.Equal(403, (await SendAsync("maker", HttpMethod.Put, "/meshes/a/traffic-permissions/p", permission)).Status);
        Assert.Equal(200, (await SendAsync("changer", HttpMethod.Put, "/meshes/a/traffic-permissions/p", permission)).Status);
    }

    [Fact]
    public async Task Nobody_makes_an_administrator_of_themselves()
    {
        var answer = await SendAsync("people", HttpMethod.Post, "/tokens/user", """{"name":"people","groups":["mesh-system:admin"]}""");
        Assert.Equal(403, answer.Status);
        Assert.Contains("only members of mesh-system:admin", answer.Text, StringComparison.Ordinal);
        const string Key = """{"type":"Secret","mesh":"a","name":"dataplane-token-signing-key-a-9","data":"AAAA"}""";
        Assert.Equal(403, (await SendAsync("secrets", HttpMethod.Put, "/meshes/a/secrets/dataplane-token-signing-key-a-9", Key)).Status);
        Assert.Equal(403, (await SendAsync("secrets", HttpMethod.Delete, "/meshes/a/secrets/dataplane-token-revocations-a")).Status);
    }

    private IEnumerable<(string Name, RouteEndpoint Endpoint)> Routes()
    {
        var builder = new RouteBuilder(_server.Server.Services);
        ApiPipeline.MapRoutes(builder);
        foreach (var endpoint in builder.DataSources.SelectMany(s => s.Endpoints).Cast<RouteEndpoint>())
        {
            foreach (var method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods)
                yield return ($"{method} {endpoint.RoutePattern.RawText}", endpoint);
        }
    }

    // The body is good as far as the gate and the endpoint's own checks of rights go; what it is about is not always there.
    private Task<Answer> RequestAsync(string user, string route)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        path = path.Replace("{mesh}", "a", StringComparison.Ordinal)
            .Replace("{name}", path.StartsWith("/meshes/{name}", StringComparison.Ordinal) || path.StartsWith("/mesh-insights", StringComparison.Ordinal) ? "a" : "x", StringComparison.Ordinal)
            .Replace("{id}", "nosuch", StringComparison.Ordinal);
        return SendAsync(user, new HttpMethod(method), path, method is "GET" or "DELETE" ? null : path switch
        {
            "/tokens/dataplane" => """{"mesh":"a","name":"x"}""",
            "/tokens/user" => """{"name":"x"}""",
            "/key-encryption-key/rotate" => "{}",
            _ => """{"ids":["nosuch-either"]}""",
        });
    }

    private async Task<Answer> Must(Task<Answer> answer)
    {
        var it = await answer;
        Assert.True(it.Status is 200 or 201, it.Text);
        return it;
    }

    private Task<Answer> PutAsync(string path, string body) => SendAsync("admin", HttpMethod.Put, path, body);

    private Task<Answer> SendAsync(string user, HttpMethod method, string path, string? body = null)
        => _server.SendAsync(method, path, body, body is null ? null : Json, _tokens[user] is { } token ? [("Authorization", $"Bearer {token}")] : []);

    private sealed class RouteBuilder(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
