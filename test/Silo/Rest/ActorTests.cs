using Microsoft.AspNetCore.Routing;
using OrleansMesh.EventStore;

namespace OrleansMesh.Silo.Tests.Rest;

/// <summary>Whatever a request changes says who asked for it and which request it was.</summary>
public sealed class ActorTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>A request for every route that changes something. A new route is added here.</summary>
    private static readonly Dictionary<string, (string Method, string Path, string? Body)> Requests = new()
    {
        ["PUT /meshes/{name}"] = ("PUT", "/meshes/acted", Documents.Mesh("acted", mtls: true)),
        ["PUT /meshes/{mesh}/dataplanes/{name}"] = ("PUT", "/meshes/acted/dataplanes/web-1", Documents.Dataplane("acted", "web-1", "web")),
        ["PUT /meshes/{mesh}/traffic-permissions/{name}"] =
            ("PUT", "/meshes/acted/traffic-permissions/p", Documents.Permission("acted", "p", "web", "web")),
        ["PUT /meshes/{mesh}/proxy-quarantines/{name}"] =
            ("PUT", "/meshes/acted/proxy-quarantines/q", """{"type":"ProxyQuarantine","mesh":"acted","name":"q","proxy":"web-2","reason":"r"}"""),
        ["DELETE /meshes/{mesh}/proxy-quarantines/{name}"] = ("DELETE", "/meshes/acted/proxy-quarantines/q", null),
        ["PUT /meshes/{mesh}/secrets/{name}"] = ("PUT", "/meshes/acted/secrets/s", """{"type":"Secret","mesh":"acted","name":"s","data":"c2VjcmV0"}"""),
        ["DELETE /meshes/{mesh}/secrets/{name}"] = ("DELETE", "/meshes/acted/secrets/s", null),
        ["PUT /global-secrets/{name}"] = ("PUT", "/global-secrets/s", """{"type":"GlobalSecret","name":"s","data":"c2VjcmV0"}"""),
        ["DELETE /global-secrets/{name}"] = ("DELETE", "/global-secrets/s", null),
        ["PUT /globalsecrets/{name}"] = ("PUT", "/globalsecrets/t", """{"type":"GlobalSecret","name":"t","data":"c2VjcmV0"}"""),
        ["DELETE /globalsecrets/{name}"] = ("DELETE", "/globalsecrets/t", null),
        ["POST /tokens/dataplane"] = ("POST", "/tokens/dataplane", """{"mesh":"acted","name":"web-1","validFor":"1h"}"""),
        ["POST /tokens/user"] = ("POST", "/tokens/user", """{"name":"jane","validFor":"1h"}"""),
        ["POST /meshes/{mesh}/dataplane-tokens/signing-keys"] = ("POST", "/meshes/acted/dataplane-tokens/signing-keys", null),
        ["DELETE /meshes/{mesh}/dataplane-tokens/signing-keys/{id}"] = ("DELETE", "/meshes/acted/dataplane-tokens/signing-keys/", null),
        ["POST /meshes/{mesh}/dataplane-tokens/revocations"] = ("POST", "/meshes/acted/dataplane-tokens/revocations", """{"ids":["t"]}"""),
        ["DELETE /meshes/{mesh}/dataplane-tokens/revocations/{id}"] = ("DELETE", "/meshes/acted/dataplane-tokens/revocations/", null),
        ["POST /user-tokens/signing-keys"] = ("POST", "/user-tokens/signing-keys", null),
        ["DELETE /user-tokens/signing-keys/{id}"] = ("DELETE", "/user-tokens/signing-keys/", null),
        ["POST /user-tokens/revocations"] = ("POST", "/user-tokens/revocations", """{"ids":["t"]}"""),
        ["DELETE /user-tokens/revocations/{id}"] = ("DELETE", "/user-tokens/revocations/", null),
        ["PUT /access-roles/{name}"] = ("PUT", "/access-roles/r", """{"type":"AccessRole","name":"r","rules":[{"access":["READ"]}]}"""),
        ["PUT /access-role-bindings/{name}"] =
            ("PUT", "/access-role-bindings/r", """{"type":"AccessRoleBinding","name":"r","subjects":[{"type":"User","name":"jane"}],"roles":["r"]}"""),
        ["DELETE /access-role-bindings/{name}"] = ("DELETE", "/access-role-bindings/r", null),
        ["DELETE /access-roles/{name}"] = ("DELETE", "/access-roles/r", null),
        ["DELETE /meshes/{mesh}/traffic-permissions/{name}"] = ("DELETE", "/meshes/acted/traffic-permissions/p", null),
        ["DELETE /meshes/{mesh}/dataplanes/{name}"] = ("DELETE", "/meshes/acted/dataplanes/web-1", null),
        ["DELETE /meshes/{name}"] = ("DELETE", "/meshes/acted", null),
    };

    [Fact]
    public void Every_route_of_the_API_that_changes_something_is_asked_for()
    {
        var routes = server.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(method => $"{method} {e.RoutePattern.RawText}"))
            .Where(route => !route.StartsWith("GET ", StringComparison.Ordinal) && !ForProxies(route) && !NeedsARotation(route) && !MakesNoEvent(route));
        Assert.Equal(Requests.Keys.Order(StringComparer.Ordinal), routes.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Its_events_name_who_asked_and_the_request()
    {
        var store = server.Server.Services.GetRequiredService<IEventStore>();
        var actor = $"user:{(await server.GetAsync("/who-am-i")).Json["name"]}";
        var requests = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (route, (method, path, body)) in Requests)
        {
            // What has an identity that the server gave is the first of its list.
            var whole = path.EndsWith('/') ? path + await FirstAsync(path[..^1]) : path;
            var before = await store.HeadAsync();
            var answer = await server.SendAsync(new HttpMethod(method), whole, body, body is null ? null : "application/json");
            Assert.True(answer.Status is 200 or 201, $"{route}: {answer.Text}");
            var request = Assert.Single(answer.Headers.GetValues("X-Request-Id"));
            var events = new List<RecordedEvent>();
            await foreach (var recorded in store.ReadAllAsync(before))
            {
                // What the server does by itself meanwhile, such as to make the mesh's authority, says so.
                if (recorded.Context.Cause != "sweep")
                    events.Add(recorded);
            }

            // What follows from a request in another stream may come during the next one.
            requests.Add(request);
            Assert.Contains(events, e => e.Context.Cause == request);
            Assert.All(events, e => Assert.True(e.Context.Actor == actor && requests.Contains(e.Context.Cause), $"{route}: {e}"));
        }
    }

    [Fact]
    public async Task What_the_server_does_at_its_start_says_so()
    {
        var store = server.Server.Services.GetRequiredService<IEventStore>();
        await foreach (var recorded in store.ReadStreamAsync("mesh/default"))
        {
            Assert.Equal(("system", "start"), (recorded.Context.Actor, recorded.Context.Cause));
            return;
        }

        Assert.Fail("the default mesh was not made");
    }

    private async Task<string?> FirstAsync(string list)
    {
        var first = (await server.GetAsync(list)).Items[0]!;
        return (string?)(first["keyId"] ?? first["id"]);
    }

    // Refused unless a change of authorities is under way: AuthorityTests asks for them then.
    private static bool NeedsARotation(string route) => route.StartsWith("POST /meshes/{mesh}/authorities/", StringComparison.Ordinal);

    // What changes is beside the log: the server's own log says who asked.
    private static bool MakesNoEvent(string route) => route is "POST /key-encryption-key/rotate";

    // The port that proxies connect to has routes of its own.
    private static bool ForProxies(string route)
        => route is "POST /bootstrap" or "POST /proxies/{mesh}/{name}/leave" || route.StartsWith("POST /envoy.", StringComparison.Ordinal);
}
