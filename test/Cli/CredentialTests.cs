using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace OrleansMesh.Cli.Tests;

/// <summary>Proofs of who asks, and what is done with tokens and their keys.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private const string NoMeshes = """{"total":0,"items":[],"next":null}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("meshctl-test").FullName;
    private RecordingServer _server = null!;

    public async Task InitializeAsync() => _server = (await RecordingServer.StartAsync()).On("GET /meshes", 200, NoMeshes);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_token_comes_from_a_file_or_the_environment_and_else_none_is_sent()
    {
        var file = await FileAsync("of-file\n");
        string[] get = ["--server", _server.Address.ToString(), "get", "meshes"];
        await CommandRun.OfAsync("", get);
        await CommandRun.OfAsync("", get, name => name == "MESHCTL_TOKEN" ? "of-environment" : null);
        await CommandRun.OfAsync("", [.. get, "--token-file", file], name => name == "MESHCTL_TOKEN" ? "of-environment" : null);
        Assert.Equal(["", "Bearer of-environment", "Bearer of-file"], _server.Requests.Select(r => r.Authorization));
    }

    [Fact]
    public async Task A_token_is_not_sent_where_others_could_read_it()
    {
        var run = await CommandRun.OfAsync("", ["--server", "http://192.0.2.1:5681", "get", "meshes"], name => name == "MESHCTL_TOKEN" ? "t" : null);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("expected an https address", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--token-file", "/no/such/file")]
    [InlineData("--client-cert-file", "/no/such/file")]
    [InlineData("--ca-cert-file", "/no/such/file")]
    public async Task What_cannot_be_read_is_named(string option, string file)
    {
        var run = await CommandRun.OfAsync(_server, "get", "meshes", option, file);
        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_user_token_is_asked_for_as_kumactl_does()
    {
        _server.On("POST /tokens/user", 200, "aaa.bbb.ccc");
        var run = await CommandRun.OfAsync(_server, "generate", "user-token", "--name", "john", "--group", "team-a", "--group", "b", "--valid-for", "24h");
        Assert.Equal((0, "aaa.bbb.ccc"), (run.ExitCode, run.Out));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"name":"john","groups":["team-a","b"],"validFor":"24h0m0s"}"""), JsonNode.Parse(_server.Requests[0].Body)));
    }

    [Fact]
    public async Task A_token_can_be_signed_here_and_nobody_is_asked()
    {
        var key = await FileAsync((await CommandRun.OfAsync(_server, "generate", "signing-key")).Out);
        using var verify = RSA.Create();
        verify.ImportFromPem((await CommandRun.OfAsync(_server, "generate", "public-key", "--signing-key-path", key)).Out);
        foreach (string[] what in (string[][])[["dataplane-token", "--name", "web-1", "--tag", "kuma.io/service=web"], ["user-token", "--name", "john"]])
        {
            var run = await CommandRun.OfAsync(_server, ["generate", .. what, "--valid-for", "1h", "--signing-key-path", key, "--kid", "k-1"]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            var parts = run.Out.Split('.');
            Assert.Equal("k-1", (string?)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[0]))!["kid"]);
            Assert.True(verify.VerifyData(
                System.Text.Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }

        var half = await CommandRun.OfAsync(_server, "generate", "user-token", "--name", "john", "--valid-for", "1h", "--kid", "k-1");
        Assert.Contains("belong together", half.Error, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Tokens_are_revoked_by_their_id_or_by_themselves_and_made_good_again()
    {
        _server.On("POST /meshes/shop/dataplane-tokens/revocations", 200, "{}").On("DELETE /user-tokens/revocations/a", 200, "{}");
        var token = await FileAsync($"x.{System.Buffers.Text.Base64Url.EncodeToString("""{"jti":"of-file"}"""u8)}.y");
        var run = await CommandRun.OfAsync(_server, "revoke", "dataplane-token", "a", "--mesh", "shop", "--revoked-token-file", token);
        Assert.Equal((0, "dataplane-token a revoked\ndataplane-token of-file revoked\n"), (run.ExitCode, run.Out));
        Assert.Equal("""{"ids":["a","of-file"]}""", _server.Requests[0].Body);
        Assert.Equal("user-token a is good again\n", (await CommandRun.OfAsync(_server, "revoke", "user-token", "a", "--undo")).Out);
        Assert.Equal(1, (await CommandRun.OfAsync(_server, "revoke", "user-token", "b", "--undo")).ExitCode);
        Assert.Equal(1, (await CommandRun.OfAsync(_server, "revoke", "user-token")).ExitCode);
    }

    [Fact]
    public async Task Signing_keys_are_shown_added_and_removed()
    {
        _server.On("GET /meshes/default/dataplane-tokens/signing-keys", 200, """{"total":2,"items":[{"keyId":"1","signs":false},{"keyId":"2","signs":true}],"next":null}""")
            .On("POST /user-tokens/signing-keys", 201, """{"keyId":"3","signs":true}""")
            .On("DELETE /meshes/default/dataplane-tokens/signing-keys/1", 200, "{}");
        Assert.Matches(@"KEY +SIGNS\n1 *\n2 +yes\n", (await CommandRun.OfAsync(_server, "signing-keys", "list")).Out);
        Assert.Equal("key 3 signs from now on\n", (await CommandRun.OfAsync(_server, "signing-keys", "add", "--user-tokens")).Out);
        Assert.Equal("key 1 removed\n", (await CommandRun.OfAsync(_server, "signing-keys", "remove", "1")).Out);
        Assert.Equal("error: there is no key '9'\n", (await CommandRun.OfAsync(_server, "signing-keys", "remove", "9")).Error);
    }

    private async Task<string> FileAsync(string text)
    {
        var file = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(file, text);
        return file;
    }
}
