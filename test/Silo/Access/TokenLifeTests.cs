using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Access;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.Silo.Access;

namespace OrleansMesh.Silo.Tests.Access;

/// <summary>User tokens, keys and revocations through the API.</summary>
public sealed class TokenLifeTests
{
    [Fact]
    public async Task Where_loopback_is_not_admin_the_first_token_is_in_the_data_folder_and_opens_everything()
    {
        await using var server = new Lease(await TestServer.StartAsync(("api.loopbackIsAdmin", "false")));
        var file = Path.Combine(server.It.Data, AdminToken.FileName);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var token = await File.ReadAllTextAsync(file);
        Assert.Equal(401, (await server.It.GetAsync("/meshes")).Status);
        Assert.Equal("""["mesh-system:admin","mesh-system:authenticated"]""", (await AsAsync(server.It, token, "/who-am-i")).Json["groups"]!.ToJsonString());
        Assert.Equal(200, (await AsAsync(server.It, token, "/meshes")).Status);

        File.Delete(file);
        await server.It.RestartAsync();
        Assert.False(File.Exists(file));
        Assert.Equal(200, (await AsAsync(server.It, token, "/meshes")).Status);
    }

    [Fact]
    public async Task Whoever_is_on_this_machine_is_admin_unless_a_proxy_passed_them_on_or_they_bring_a_bad_token()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        Assert.Equal("mesh-system:admin", (string?)(await server.It.GetAsync("/who-am-i")).Json["name"]);
        foreach (var header in (string[])["X-Forwarded-For", "Forwarded", "Via"])
        {
            var passedOn = await server.It.SendAsync(HttpMethod.Get, "/who-am-i", null, null, (header, "10.0.0.1"));
            Assert.Equal("mesh-system:anonymous", (string?)passedOn.Json["name"]);
        }

        foreach (var bad in (string[])["Bearer x", "Bearer ", "Basic YWRtaW46YWRtaW4=", "x"])
        {
            var answer = await server.It.SendAsync(HttpMethod.Get, "/who-am-i", null, null, ("Authorization", bad));
            Assert.Equal((401, "Bearer"), (answer.Status, answer.Headers.WwwAuthenticate.ToString()));
        }
    }

    [Fact]
    public async Task A_token_is_good_until_it_or_its_key_is_taken_back()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        var (first, second) = (await UserTokenAsync(server.It), await UserTokenAsync(server.It));
        Assert.Equal(200, (await AsAsync(server.It, first, "/")).Status);
        Assert.Equal(200, (await server.It.PostAsync("/user-tokens/revocations", $$"""{"ids":["{{IdOf(first)}}"]}""")).Status);
        Assert.Equal(401, (await AsAsync(server.It, first, "/")).Status);
        Assert.Equal(200, (await AsAsync(server.It, second, "/")).Status);
        Assert.Equal(200, (await server.It.DeleteAsync($"/user-tokens/revocations/{IdOf(first)}")).Status);
        Assert.Equal(200, (await AsAsync(server.It, first, "/")).Status);

        Assert.Equal(201, (await server.It.PostAsync("/user-tokens/signing-keys", "{}")).Status);
        var third = await UserTokenAsync(server.It);
        foreach (var good in new[] { first, second, third })
            Assert.Equal(200, (await AsAsync(server.It, good, "/")).Status);
        Assert.Equal(["1", "2"], (await server.It.GetAsync("/user-tokens/signing-keys")).Items.Select(k => (string?)k!["keyId"]));
        Assert.DoesNotContain("PRIVATE", (await server.It.GetAsync("/user-tokens/signing-keys")).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await server.It.DeleteAsync("/user-tokens/signing-keys/1")).Status);
        Assert.Equal((401, 401, 200), ((await AsAsync(server.It, first, "/")).Status, (await AsAsync(server.It, second, "/")).Status, (await AsAsync(server.It, third, "/")).Status));

        await server.It.RestartAsync();
        Assert.Equal((401, 200), ((await AsAsync(server.It, first, "/")).Status, (await AsAsync(server.It, third, "/")).Status));
    }

    [Fact]
    public async Task A_token_of_a_mesh_is_no_user_token()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        await UserTokenAsync(server.It);
        var dataplane = (await server.It.PostAsync("/tokens/dataplane", """{"mesh":"default","name":"x"}""")).Text;
        Assert.Equal(401, (await AsAsync(server.It, dataplane, "/")).Status);
    }

    [Fact]
    public async Task Keys_and_revocations_come_and_go_as_Kumas_users_do_it_by_secrets()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        using var key = RSA.Create(2048);
        var pem = Convert.ToBase64String(Encoding.UTF8.GetBytes(key.ExportRSAPrivateKeyPem()));
        foreach (var (path, type, mesh, prefix, issue, keys, revocations) in new[]
        {
            ("/meshes/default/secrets", "Secret", "\"mesh\":\"default\",", "dataplane-token-signing-key-default-", "/tokens/dataplane", "/meshes/default/dataplane-tokens/signing-keys", "dataplane-token-revocations-default"),
            ("/global-secrets", "GlobalSecret", "", "user-token-signing-key-", "/tokens/user", "/user-tokens/signing-keys", "user-token-revocations"),
        })
        {
            Assert.Equal(404, (await server.It.GetAsync($"{path}/{prefix}7")).Status);
            Assert.Equal(200, (await PutAsync(path, type, mesh, $"{prefix}7", pem)).Status);
            Assert.Equal(404, (await server.It.GetAsync($"{path}/{prefix}7")).Status);
            var token = (await server.It.PostAsync(issue, """{"mesh":"default","name":"x"}""".Replace("\"mesh\":\"default\",", mesh, StringComparison.Ordinal))).Text;
            Assert.Equal("7", (string?)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]))!["kid"]);
            Assert.Equal("data", Assert.Single((await PutAsync(path, type, mesh, $"{prefix}8", Convert.ToBase64String("no key"u8))).InvalidFields));

            var revoked = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{IdOf(token)},other"));
            Assert.Equal(200, (await PutAsync(path, type, mesh, revocations, revoked)).Status);
            var list = keys.Replace("signing-keys", "revocations", StringComparison.Ordinal);
            Assert.Equal(2, (await server.It.GetAsync(list)).Items.Count);
            Assert.Equal(200, (await PutAsync(path, type, mesh, revocations, Convert.ToBase64String("other"u8))).Status);
            Assert.Equal(["other"], (await server.It.GetAsync(list)).Items.Select(i => (string?)i!["id"]));
            Assert.Equal(200, (await server.It.DeleteAsync($"{path}/{revocations}")).Status);
            Assert.Empty((await server.It.GetAsync(list)).Items);

            Assert.Equal(200, (await server.It.DeleteAsync($"{path}/{prefix}7")).Status);
            Assert.Empty((await server.It.GetAsync(keys)).Items);
            Assert.Empty((await server.It.GetAsync(path)).Items);
        }

        Task<Answer> PutAsync(string path, string type, string mesh, string name, string data)
            => server.It.PutAsync($"{path}/{name}", $$"""{"type":"{{type}}",{{mesh}}"name":"{{name}}","data":"{{data}}"}""");
    }

    [Fact]
    public async Task A_token_that_was_signed_elsewhere_is_good_where_its_public_key_is_configured()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key.ExportSubjectPublicKeyInfoPem());
        try
        {
            await using var server = new Lease(await TestServer.StartAsync(("api.tokenKeys", $"offline={file}")));
            var claims = Domain.Tokens.TokenClaims.OfUser("jane", ["team"], "id-1", DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
            var token = Domain.Tokens.SignedToken.Make(claims, "offline", key);
            Assert.Equal("jane", (string?)(await AsAsync(server.It, token, "/who-am-i")).Json["name"]);
            Assert.Equal(401, (await AsAsync(server.It, Domain.Tokens.SignedToken.Make(claims, "other", key), "/who-am-i")).Status);
            await server.It.PostAsync("/user-tokens/revocations", """{"ids":["id-1"]}""");
            Assert.Equal(401, (await AsAsync(server.It, token, "/who-am-i")).Status);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_token_ends()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key.ExportSubjectPublicKeyInfoPem());
        try
        {
            await using var server = new Lease(await TestServer.StartAsync(("api.tokenKeys", $"offline={file}")));
            Assert.Equal(200, (await AsAsync(server.It, Token(madeBefore: TimeSpan.FromMinutes(4)), "/who-am-i")).Status);
            Assert.Equal(401, (await AsAsync(server.It, Token(madeBefore: TimeSpan.FromMinutes(10)), "/who-am-i")).Status);
        }
        finally
        {
            File.Delete(file);
        }

        string Token(TimeSpan madeBefore)
            => Domain.Tokens.SignedToken.Make(Domain.Tokens.TokenClaims.OfUser("jane", ["team"], "id-1", DateTimeOffset.UtcNow - madeBefore, TimeSpan.FromMinutes(5)), "offline", key);
    }

    [Fact]
    public async Task What_changes_something_is_recorded_under_the_name_of_the_user()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        var token = (await server.It.PostAsync("/tokens/user", """{"name":"jane","groups":["mesh-system:admin"]}""")).Text;
        await server.It.SendAsync(HttpMethod.Put, "/meshes/m", Documents.Mesh("m"), "application/json", ("Authorization", $"Bearer {token}"));
        var actors = new List<string>();
        await foreach (var recorded in server.It.Server.Services.GetRequiredService<IEventStore>().ReadStreamAsync("mesh/m"))
            actors.Add(recorded.Context.Actor);
        Assert.NotEmpty(actors);
        Assert.All(actors, actor => Assert.Equal("user:jane", actor));
    }

    /// <summary>Byte by byte: whoever has the database, without the key-encryption key, has no token, no secret and no key that signs any.</summary>
    [Fact]
    public async Task A_dump_of_the_database_holds_no_token_no_secret_and_no_signing_key()
    {
        await using var server = new Lease(await TestServer.StartAsync());
        var secret = RandomNumberGenerator.GetBytes(48);
        await server.It.PutAsync("/meshes/default/secrets/s", $$"""{"type":"Secret","mesh":"default","name":"s","data":"{{Convert.ToBase64String(secret)}}"}""");
        var tokens = new[] { await UserTokenAsync(server.It), (await server.It.PostAsync("/tokens/dataplane", """{"mesh":"default","name":"x"}""")).Text };
        var sought = new List<byte[]> { secret, Encoding.ASCII.GetBytes(Convert.ToBase64String(secret)), "PRIVATE KEY"u8.ToArray() };
        foreach (var part in tokens.SelectMany(t => t.Split('.').Skip(1)))
            sought.AddRange([Encoding.ASCII.GetBytes(part), System.Buffers.Text.Base64Url.DecodeFromChars(part)]);
        var vault = server.It.Server.Services.GetRequiredService<ISecretVault>();
        var keys = 0;
        await foreach (var recorded in server.It.Server.Services.GetRequiredService<IEventStore>().ReadAllAsync())
        {
            var (sealedKey, purpose) = EventCodec.Decode(recorded.Type, recorded.Data.Span) switch
            {
                TokenSigningKeyAdded e => (e.PrivateKey, $"{recorded.Stream}/token-signing-key"),
                UserTokenSigningKeyAdded e => (e.PrivateKey, $"{recorded.Stream}/user-token-signing-key"),
                _ => (null, ""),
            };
            if (sealedKey is null)
                continue;
            var key = await vault.UnsealAsync(new EventStore.Secrets.SealedSecret(sealedKey.KeyId, sealedKey.Nonce, sealedKey.Ciphertext, sealedKey.Tag), purpose);
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(key, out _);
            var numbers = rsa.ExportParameters(includePrivateParameters: true);
            sought.AddRange([key, Encoding.ASCII.GetBytes(Convert.ToBase64String(key)), numbers.D!, numbers.P!, numbers.Q!]);
            keys++;
        }

        Assert.Equal(2, keys);
        await server.It.StopAsync();
        var dump = Directory.GetFiles(server.It.Data, "events*").ToDictionary(f => f, File.ReadAllBytes);
        Assert.Contains(dump.Values, bytes => bytes.AsSpan().IndexOf("token-signing-key.added"u8) >= 0);
        foreach (var (file, bytes) in dump)
            Assert.All(sought, part => Assert.True(bytes.AsSpan().IndexOf(part) < 0, file));
    }

    private static async Task<string> UserTokenAsync(TestServer server)
    {
        var answer = await server.PostAsync("/tokens/user", """{"name":"john","groups":["team-a"],"validFor":"24h0m0s"}""");
        Assert.Equal((200, "text/plain"), (answer.Status, answer.ContentType?.Split(';')[0]));
        return answer.Text;
    }

    private static string IdOf(string token) => (string)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!["jti"]!;

    private static Task<Answer> AsAsync(TestServer server, string token, string path)
        => server.SendAsync(HttpMethod.Get, path, null, null, ("Authorization", $"Bearer {token}"));

    private sealed class Lease(TestServer server) : IAsyncDisposable
    {
        public TestServer It => server;

        public async ValueTask DisposeAsync() => await server.DisposeAsync();
    }
}
