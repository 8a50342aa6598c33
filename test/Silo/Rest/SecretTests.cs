namespace OrleansMesh.Silo.Tests.Rest;

public sealed class SecretTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Data = "b3BlbiBzZXNhbWU=";

    [Theory]
    [InlineData("Secret", "/meshes/default/secrets", "\"mesh\":\"default\",")]
    [InlineData("GlobalSecret", "/global-secrets", "")]
    [InlineData("GlobalSecret", "/globalsecrets", "")]
    public async Task A_secret_goes_through_its_life_as_kumactl_knows_it(string type, string path, string mesh)
    {
        var body = $$"""{"type":"{{type}}",{{mesh}}"name":"life","data":"{{Data}}"}""";
        Assert.Equal(404, (await server.GetAsync($"{path}/life")).Status);
        Assert.Equal(201, (await server.PutAsync($"{path}/life", body)).Status);
        Assert.Equal(200, (await server.PutAsync($"{path}/life", body)).Status);

        var read = await server.GetAsync($"{path}/life");
        Assert.Equal((200, type, "life", Data), (read.Status, (string?)read.Json["type"], (string?)read.Json["name"], (string?)read.Json["data"]));
        Assert.Equal(200, (await server.PutAsync($"{path}/life", read.Text)).Status);
        var listed = Assert.Single((await server.GetAsync(path)).Items)!;
        Assert.Equal(("life", Data), ((string?)listed["name"], (string?)listed["data"]));

        Assert.Equal(200, (await server.DeleteAsync($"{path}/life")).Status);
        Assert.Equal(404, (await server.GetAsync($"{path}/life")).Status);
        Assert.Empty((await server.GetAsync(path)).Items);
    }

    [Fact]
    public async Task Secrets_go_with_their_mesh_and_do_not_return_with_one_of_its_name()
    {
        await server.PutAsync("/meshes/gone", Documents.Mesh("gone"));
        await server.PutAsync("/meshes/gone/secrets/s", $$"""{"type":"Secret","mesh":"gone","name":"s","data":"{{Data}}"}""");
        Assert.Equal(404, (await server.PutAsync("/meshes/nosuch/secrets/s", $$"""{"type":"Secret","mesh":"nosuch","name":"s","data":"{{Data}}"}""")).Status);
        await server.DeleteAsync("/meshes/gone");
        await server.PutAsync("/meshes/gone", Documents.Mesh("gone"));

        Assert.Equal(404, (await server.GetAsync("/meshes/gone/secrets/s")).Status);
        Assert.Empty((await server.GetAsync("/meshes/gone/secrets")).Items);
    }

    [Fact]
    public async Task A_refusal_quotes_nothing_of_the_secret()
    {
        var answer = await server.PutAsync("/meshes/default/secrets/s", """{"type":"Secret","mesh":"default","name":"s","data":"sesame!"}""");
        Assert.Equal((400, "data"), (answer.Status, Assert.Single(answer.InvalidFields)));
        Assert.DoesNotContain("sesame", answer.Text, StringComparison.Ordinal);
    }
}
