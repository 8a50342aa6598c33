using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Tests.Rest;

public sealed class ResourceTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_resource_goes_through_its_life_with_the_status_codes_that_kumactl_knows()
    {
        const string Path = "/meshes/default/traffic-permissions/life";
        Assert.Equal(404, (await server.GetAsync(Path)).Status);
        var made = await server.PutAsync(Path, Documents.Permission("default", "life", "web", "life"));
        Assert.Equal((201, "application/json", "{}"), (made.Status, made.ContentType, made.Text));
        Assert.Equal(200, (await server.PutAsync(Path, Documents.Permission("default", "life", "web", "life"))).Status);
        Assert.Equal(200, (await server.PutAsync(Path, Documents.Permission("default", "life", "other", "life"))).Status);

        var read = await server.GetAsync(Path);
        Assert.Equal((200, "application/json"), (read.Status, read.ContentType));
        Assert.Equal("other", (string?)read.Json["sources"]![0]!["match"]!["kuma.io/service"]);
        Assert.Equal(("TrafficPermission", "default", "life"), ((string?)read.Json["type"], (string?)read.Json["mesh"], (string?)read.Json["name"]));
        Assert.True((DateTimeOffset)read.Json["creationTime"]! < (DateTimeOffset)read.Json["modificationTime"]!);

        var deleted = await server.DeleteAsync(Path);
        Assert.Equal((200, "{}"), (deleted.Status, deleted.Text));
        var gone = await server.DeleteAsync(Path);
        Assert.Equal((404, "Could not delete a resource"), (gone.Status, (string?)gone.Json["title"]));
    }

    [Fact]
    public async Task What_was_read_can_be_applied_again_and_changes_nothing()
    {
        await server.PutAsync("/meshes/default/dataplanes/again", Documents.Dataplane("default", "again", "again"));
        var read = await server.GetAsync("/meshes/default/dataplanes/again");

        var applied = await server.PutAsync("/meshes/default/dataplanes/again", read.Text);

        Assert.Equal(200, applied.Status);
        Assert.Equal(read.Text, (await server.GetAsync("/meshes/default/dataplanes/again")).Text);
    }

    [Fact]
    public async Task Whoever_wrote_something_reads_it_at_once()
    {
        for (var i = 0; i < 50; i++)
        {
            var answer = await server.PutAsync("/meshes/default/dataplanes/mine", Documents.Dataplane("default", "mine", "mine", 20000 + i));
            Assert.Equal(20000 + i, (int)(await server.GetAsync("/meshes/default/dataplanes/mine")).Json["networking"]!["inbound"]![0]!["port"]!);
            Assert.True(long.Parse(Assert.Single(answer.Headers.GetValues("Mesh-Position"))) > 0);
        }
    }

    [Fact]
    public async Task Yaml_and_the_kubernetes_form_are_taken_as_well()
    {
        const string Yaml =
            """
            apiVersion: kuma.io/v1alpha1
            kind: TrafficPermission
            mesh: default
            metadata:
              name: k8s
            spec:
              sources:
              - match:
                  kuma.io/service: frontend_default_svc_80
              destinations:
              - match:
                  kuma.io/service: backend_default_svc_80
            """;
        Assert.Equal(201, (await server.PutAsync("/meshes/default/traffic-permissions/k8s", Yaml, "application/yaml")).Status);
        Assert.Equal(
            "frontend_default_svc_80",
            (string?)(await server.GetAsync("/meshes/default/traffic-permissions/k8s")).Json["sources"]![0]!["match"]!["kuma.io/service"]);
    }

    [Fact]
    public async Task Lists_give_the_total_and_say_where_the_next_page_is()
    {
        await server.PutAsync("/meshes/paged", Documents.Mesh("paged"));
        foreach (var name in new[] { "c", "a", "b" })
            await server.PutAsync($"/meshes/paged/traffic-permissions/{name}", Documents.Permission("paged", name, "x", "y"));

        var first = await server.GetAsync("/meshes/paged/traffic-permissions?size=2&name=");
        Assert.Equal((3, 2), ((int)first.Json["total"]!, first.Items.Count));
        var second = await server.GetAsync(new Uri((string)first.Json["next"]!).PathAndQuery);
        Assert.Equal(["a", "b", "c"], first.Items.Concat(second.Items).Select(i => (string?)i!["name"]));
        Assert.Null(second.Json["next"]);
        Assert.True(second.Json.ContainsKey("next"));
    }

    [Fact]
    public async Task Lists_over_all_meshes_and_filters_find_what_they_should()
    {
        await server.PutAsync("/meshes/filtered", Documents.Mesh("filtered"));
        await server.PutAsync("/meshes/filtered/dataplanes/web-1", Documents.Dataplane("filtered", "web-1", "web"));
        await server.PutAsync("/meshes/filtered/dataplanes/api-1", Documents.Dataplane("filtered", "api-1", "api"));

        Assert.Equal("web-1", await Names("/meshes/filtered/dataplanes?tag=kuma.io/service:web"));
        Assert.Equal("web-1", await Names("/meshes/filtered/dataplanes/_overview?tag=kuma.io/service:web&tag=version:v1"));
        Assert.Equal("", await Names("/meshes/filtered/dataplanes?tag=kuma.io/service:web&tag=version:v2"));
        Assert.Equal("api-1", await Names("/meshes/filtered/dataplanes?name=API"));
        Assert.Equal("web-1", await Names("/meshes/filtered/dataplanes?tag=kuma.io/service:eb"));
        Assert.Equal("api-1 web-1", await Names("/meshes/filtered/dataplanes?tag=kuma.io/service:*&gateway=false"));
        Assert.Equal("", await Names("/meshes/filtered/dataplanes/_overview?gateway=true"));
        Assert.Equal("", await Names("/dataplanes?gateway=Delegated"));
        Assert.Contains("api-1", await Names("/dataplanes"), StringComparison.Ordinal);
        Assert.Contains("filtered", await Names("/meshes?mesh=ignored"), StringComparison.Ordinal);

        async Task<string> Names(string path) => string.Join(' ', (await server.GetAsync(path)).Items.Select(i => (string?)i!["name"]));
    }

    [Fact]
    public async Task Tags_that_only_different_inbounds_have_do_not_make_a_dataplane_match()
    {
        await server.PutAsync("/meshes/twofold", Documents.Mesh("twofold"));
        await server.PutAsync("/meshes/twofold/dataplanes/both", """
            {"type":"Dataplane","mesh":"twofold","name":"both","networking":{"address":"127.0.0.1","inbound":[
             {"port":7001,"tags":{"kuma.io/service":"shop","version":"v1"}},{"port":7002,"tags":{"kuma.io/service":"shop-admin","version":"v2"}}]}}
            """);

        Assert.Single((await server.GetAsync("/meshes/twofold/dataplanes?tag=kuma.io/service:shop-admin&tag=version:v2")).Items);
        Assert.Empty((await server.GetAsync("/meshes/twofold/dataplanes?tag=kuma.io/service:shop-admin&tag=version:v1")).Items);
    }

    [Fact]
    public async Task Lists_are_filtered_by_labels()
    {
        await server.PutAsync("/meshes/labelled-1", """{"type":"Mesh","name":"labelled-1","labels":{"team":"a","stage":"test"}}""");
        await server.PutAsync("/meshes/labelled-2", """{"type":"Mesh","name":"labelled-2","labels":{"team":"b","stage":"test"}}""");

        Assert.Equal(["labelled-2"], await Names("/meshes?filter[labels.team]=b"));
        Assert.Equal(["labelled-1", "labelled-2"], await Names("/meshes?filter%5Blabels.stage%5D=test"));
        Assert.Empty(await Names("/meshes?filter[labels.team]=b&filter[labels.stage]=live"));

        async Task<string[]> Names(string path) => [.. (await server.GetAsync(path)).Items.Select(i => (string)i!["name"]!)];
    }

    [Fact]
    public async Task Policies_that_a_mesh_is_to_be_made_without_are_given_back()
    {
        const string Mesh = """{"type":"Mesh","name":"bare","skipCreatingInitialPolicies":["*"]}""";
        Assert.Equal(201, (await server.PutAsync("/meshes/bare", Mesh)).Status);
        Assert.Equal(["*"], (await server.GetAsync("/meshes/bare")).Json["skipCreatingInitialPolicies"]!.AsArray().Select(p => (string?)p));
        Assert.Empty((await server.GetAsync("/meshes/bare/traffic-permissions")).Items);
    }

    [Fact]
    public async Task However_deletions_of_a_mesh_meet_the_making_of_a_dataplane_none_is_left_without_its_mesh()
    {
        var index = server.Server.Services.GetRequiredService<ResourceIndex>();
        for (var round = 0; round < 30; round++)
        {
            await server.PutAsync("/meshes/torn", Documents.Mesh("torn"));
            var answers = await Task.WhenAll(
                server.PutAsync("/meshes/torn/dataplanes/web-1", Documents.Dataplane("torn", "web-1", "web")),
                server.DeleteAsync("/meshes/torn"),
                server.PutAsync("/meshes/torn/dataplanes/web-2", Documents.Dataplane("torn", "web-2", "web")),
                server.DeleteAsync("/meshes/torn"));

            Assert.All(answers, a => Assert.InRange(a.Status, 200, 404));
            var torn = index.Current.Meshes["torn"];
            Assert.True(torn.State.Mesh is not null || !torn.Dataplanes.Any());
            foreach (var name in new[] { "web-1", "web-2" })
                await server.DeleteAsync($"/meshes/torn/dataplanes/{name}");
        }
    }

    [Fact]
    public async Task A_mesh_that_still_has_dataplanes_is_kept_and_goes_when_they_are_gone()
    {
        await server.PutAsync("/meshes/full", Documents.Mesh("full"));
        await server.PutAsync("/meshes/full/dataplanes/web-1", Documents.Dataplane("full", "web-1", "web"));

        var refused = await server.DeleteAsync("/meshes/full");
        Assert.Equal(400, refused.Status);
        Assert.Contains("still some dataplanes attached", refused.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await server.DeleteAsync("/meshes/full/dataplanes/web-1")).Status);
        Assert.Equal(200, (await server.DeleteAsync("/meshes/full")).Status);
        Assert.Equal(404, (await server.GetAsync("/meshes/full")).Status);
    }

    [Fact]
    public async Task A_permission_that_takes_over_an_inbound_warns_and_one_that_does_not_is_silent()
    {
        await server.PutAsync("/meshes/over", Documents.Mesh("over"));
        await server.PutAsync("/meshes/over/dataplanes/web-1", Documents.Dataplane("over", "web-1", "web"));
        Assert.Equal("{}", (await server.PutAsync("/meshes/over/traffic-permissions/wide", Documents.Permission("over", "wide", "a", "*"))).Text);

        var taken = await server.PutAsync("/meshes/over/traffic-permissions/narrow", Documents.Permission("over", "narrow", "b", "web"));

        var warning = (string)Assert.Single(taken.Json["warnings"]!.AsArray())!;
        Assert.Contains("'narrow'", warning, StringComparison.Ordinal);
        Assert.Contains("'wide'", warning, StringComparison.Ordinal);
        Assert.Equal("{}", (await server.PutAsync("/meshes/over/traffic-permissions/narrow", Documents.Permission("over", "narrow", "b", "web"))).Text);
    }

    [Fact]
    public async Task Deleting_a_mesh_deletes_its_authority_too()
    {
        var store = server.Server.Services.GetRequiredService<OrleansMesh.EventStore.IEventStore>();
        await server.PutAsync("/meshes/secure", Documents.Mesh("secure", mtls: true));
        var authority = server.Server.Services.GetRequiredService<IGrainFactory>().GetGrain<OrleansMesh.GrainInterfaces.ICertificateAuthorityGrain>("secure/ca-1");
        var before = await authority.GetAuthority(new("ca-1", "builtin"), OrleansMesh.GrainInterfaces.Caller.System);
        await server.Server.Services.GetRequiredService<OrleansMesh.Silo.Index.ResourceIndex>().WaitForAsync(await store.HeadAsync());

        Assert.Equal(200, (await server.DeleteAsync("/meshes/secure")).Status);

        await server.PutAsync("/meshes/secure", Documents.Mesh("secure", mtls: true));
        var after = await authority.GetAuthority(new("ca-1", "builtin"), OrleansMesh.GrainInterfaces.Caller.System);
        Assert.NotEqual(before.Id, after.Id);
    }
}
