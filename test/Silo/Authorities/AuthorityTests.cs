using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Tests.Authorities;

/// <summary>A mesh's authorities over the API: given, changed, and gone.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(("authorities.rotationSettling", "0s"));

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_mesh_goes_from_one_authority_to_another_and_back()
    {
        using var pki = TestPki.Root("corporate");
        await PutAsync("ca-1", Builtin("ca-1"), Provided("ca-2", pki.Pem, pki.KeyPem));
        var first = await SigningAsync("ca-1");
        await PutAsync("ca-2", Builtin("ca-1"), Provided("ca-2", pki.Pem, pki.KeyPem));
        await SigningAsync("ca-2");
        Assert.Equal("idle", Use(await StatusAsync(), "ca-1"));
        await PutAsync("ca-1", Builtin("ca-1"), Provided("ca-2", pki.Pem, pki.KeyPem));
        Assert.Equal(first, await SigningAsync("ca-1"));

        Assert.Equal(["mtls.backends"], (await _server.PutAsync("/meshes/m", Mesh("ca-2", Provided("ca-2", pki.Pem, pki.KeyPem)))).InvalidFields);
        await PutAsync("ca-1", Builtin("ca-1"));
        await EventuallyAsync(async () => (await StatusAsync())["authorities"]!.AsArray().Count == 1);
    }

    [Fact]
    public async Task Other_settings_of_a_backend_are_another_authority()
    {
        await PutAsync("ca-1", Builtin("ca-1"));
        var first = await SigningAsync("ca-1");
        await PutAsync("ca-1", """{"name":"ca-1","type":"builtin","conf":{"caCert":{"RSAbits":2048}}}""");
        await EventuallyAsync(async () => await SigningAsync("ca-1") != first && (await StatusAsync())["authorities"]!.AsArray().Count == 1);
    }

    [Fact]
    public async Task A_builtin_authority_renews_itself_when_half_of_a_short_life_is_over_and_not_before()
    {
        await PutAsync("ca-1", """{"name":"ca-1","type":"builtin","dpCert":{"rotation":{"expiration":"10s"}},"conf":{"caCert":{"expiration":"20s"}}}""");
        var first = await SigningAsync("ca-1");
        await EventuallyAsync(async () => await SigningAsync("ca-1") != first);
        await EventuallyAsync(async () => (await EventTypesAsync("ca/m/ca-1")).Count(t => t == "authority.created") >= 3);

        // Each was made when half of the life of the one before it was over, and that one had the other half left.
        var made = new List<DateTimeOffset>();
        await foreach (var recorded in _server.Server.Services.GetRequiredService<IEventStore>().ReadStreamAsync("ca/m/ca-1"))
        {
            if (recorded.Type == "authority.created")
                made.Add(recorded.Context.At);
        }

        Assert.All(made.Zip(made.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalSeconds, 9, 19));
    }

    [Fact]
    public async Task A_rotation_is_paused_reversed_and_forced()
    {
        await PutAsync("ca-1", Builtin("ca-1"), Builtin("ca-2"));
        await SigningAsync("ca-1");
        Assert.Equal(409, (await _server.PostAsync("/meshes/m/authorities/reverse", "")).Status);
        Assert.Equal("true", (await ControlAsync("pause"))["paused"]!.ToJsonString());
        await PutAsync("ca-2", Builtin("ca-1"), Builtin("ca-2"));
        await EventuallyAsync(async () => (string?)(await StatusAsync())["stage"] == "trusting");
        Assert.Equal(("signing", "next"), (Use(await StatusAsync(), "ca-1"), Use(await StatusAsync(), "ca-2")));
        await ControlAsync("force");
        Assert.Equal("issuing", (string?)(await StatusAsync())["stage"]);
        Assert.Equal("ca-1", (string?)(await ControlAsync("reverse"))["enabledBackend"]);
        await ControlAsync("resume");
        await SigningAsync("ca-1");
        Assert.Equal(404, (await _server.PostAsync("/meshes/none/authorities/pause", "")).Status);
    }

    [Fact]
    public async Task A_provided_authority_signs_what_openssl_accepts_and_sends_its_intermediates()
    {
        using var root = TestPki.Root("root", rsa: true);
        using var upper = root.Intermediate("upper");
        using var lower = upper.Intermediate("lower", pathLength: 0);
        await PutAsync("ca-1", Provided("ca-1", lower.Pem + root.Pem + upper.Pem, lower.KeyPem));
        var id = await SigningAsync("ca-1");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = await _server.Server.Services.GetRequiredService<IGrainFactory>().GetGrain<ICertificateAuthorityGrain>("m/ca-1").Issue(
            new(ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()), ["spiffe://m/web"], TimeSpan.FromHours(1), id));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(issued.ChainPem);
        Assert.Equal(["", "CN=lower", "CN=upper"], chain.Select(c => c.Subject));
        foreach (var purpose in new[] { "sslserver", "sslclient" })
            Assert.EndsWith("OK", await VerifyAsync(purpose, root.Pem, issued.ChainPem), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_shown_holds_no_key_and_is_taken_again_as_it_is()
    {
        using var pki = TestPki.Root("corporate");
        using var other = TestPki.Root("other");
        await PutAsync("ca-1", Provided("ca-1", pki.Pem, pki.KeyPem));
        var shown = (await _server.GetAsync("/meshes/m")).Text;
        Assert.DoesNotContain("PRIVATE", shown, StringComparison.Ordinal);
        Assert.Equal("(sealed)", (string?)JsonNode.Parse(shown)!["mtls"]!["backends"]![0]!["conf"]!["key"]!["inlineString"]);
        Assert.Equal(200, (await _server.PutAsync("/meshes/m", shown)).Status);
        Assert.Equal(200, (await _server.PutAsync("/meshes/m", Mesh("ca-1", Provided("ca-1", pki.Pem, pki.KeyPem)))).Status);
        await SigningAsync("ca-1");
        await EventuallyAsync(async () => (await EventTypesAsync("ca/m/ca-1")).Count == 1);

        Assert.Equal(
            ["mtls.backends[0].conf.key"], (await _server.PutAsync("/meshes/m", Mesh("ca-1", Provided("ca-1", other.Pem, "(sealed)")))).InvalidFields);
        Assert.Equal(["mesh.created"], (await EventTypesAsync("mesh/m")).Where(t => t is "mesh.created" or "mesh.changed"));
    }

    [Fact]
    public async Task What_is_no_authority_is_refused_with_the_reason_and_changes_nothing()
    {
        using var good = TestPki.Root("good");
        using var other = TestPki.Root("other");
        using var shut = TestPki.Root("shut", pathLength: 0);
        using var below = shut.Intermediate("below");
        await RefusedAsync("nothing", good.KeyPem, "cert", "found none");
        await RefusedAsync(good.Pem + good.KeyPem, good.KeyPem, "cert", "private key");
        await RefusedAsync(below.Pem, below.KeyPem, "cert", "whole path");
        await RefusedAsync(below.Path, below.KeyPem, "cert", "too long");
        await RefusedAsync(good.Pem + other.Pem, good.KeyPem, "cert", "'CN=other' is not on");
        await RefusedAsync(good.Pem, other.KeyPem, "key", "is not the private key");
        await RefusedAsync(good.Pem, "nothing", "key", "PEM private key");
        await RefusedAsync(good.Pem, "(sealed)", "key", "stands for");
        await NoAuthorityAsync(TestPki.Root("leaf", isAuthority: false), "basic constraint 'CA'");
        await NoAuthorityAsync(TestPki.Root("mute", usage: X509KeyUsageFlags.DigitalSignature), "keyCertSign");
        await NoAuthorityAsync(TestPki.Root("early", fromDays: 1, toDays: 2), "not valid before");
        await NoAuthorityAsync(TestPki.Root("late", fromDays: -2, toDays: -1), "expired");
        await NoAuthorityAsync(TestPki.Root("weak", rsa: true, bits: 1024), "at least 2048 bits");
        await NoAuthorityAsync(TestPki.Root("unnamed", keyIdentifier: false), "subject key identifier");
        await NoAuthorityAsync(TestPki.Root("onesided", use: "1.3.6.1.5.5.7.3.1"), "by servers and by clients");
        await RefusedAsync(good.Pem, good.Key.ExportEncryptedPkcs8PrivateKeyPem("word", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)), "key", "without a passphrase");
        await NoAuthorityAsync(TestPki.Root("exotic", curve: ECCurve.CreateFromFriendlyName("secp256k1")), "P-256, P-384 and P-521");
        Assert.Equal(404, (await _server.GetAsync("/meshes/m")).Status);

        async Task NoAuthorityAsync(TestPki pki, string reason)
        {
            using (pki)
                await RefusedAsync(pki.Pem, pki.KeyPem, "cert", reason);
        }
    }

    [Fact]
    public async Task It_is_given_in_base64_or_by_secrets_of_its_mesh_whose_keys_are_shown_nowhere()
    {
        using var pki = TestPki.Root("corporate");
        await PutAsync("ca-1", Given("inline", Base64(pki.Pem), Base64(pki.KeyPem)));
        var first = await SigningAsync("ca-1");
        Assert.DoesNotContain(Base64(pki.KeyPem)[..60], (await _server.GetAsync("/meshes/m")).Text, StringComparison.Ordinal);

        using var next = TestPki.Root("next");
        Assert.Equal(
            ["mtls.backends[0].conf.cert.secret", "mtls.backends[0].conf.key.secret"],
            (await _server.PutAsync("/meshes/m", Mesh("ca-1", Given("secret", "ca-cert", "ca-key")))).InvalidFields);
        foreach (var (name, value) in new[] { ("ca-cert", next.Pem), ("ca-key", next.KeyPem) })
            Assert.Equal(201, (await _server.PutAsync($"/meshes/m/secrets/{name}", $$"""{"type":"Secret","mesh":"m","name":"{{name}}","data":"{{Base64(value)}}"}""")).Status);
        await PutAsync("ca-1", Given("secret", "ca-cert", "ca-key"));
        await EventuallyAsync(async () => await SigningAsync("ca-1") != first);
        Assert.Equal("ca-key", (string?)(await _server.GetAsync("/meshes/m")).Json["mtls"]!["backends"]![0]!["conf"]!["key"]!["secret"]);

        // What it signs is trusted by the certificate that was in the secret.
        var id = await SigningAsync("ca-1");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = await _server.Server.Services.GetRequiredService<IGrainFactory>().GetGrain<ICertificateAuthorityGrain>("m/ca-1").Issue(
            new(ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()), ["spiffe://m/web"], TimeSpan.FromHours(1), id));
        Assert.EndsWith("OK", await VerifyAsync("sslclient", next.Pem, issued.ChainPem), StringComparison.Ordinal);

        static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

        static string Given(string by, string cert, string key) => new JsonObject
        {
            ["name"] = "ca-1",
            ["type"] = "provided",
            ["conf"] = new JsonObject { ["cert"] = new JsonObject { [by] = cert }, ["key"] = new JsonObject { [by] = key } },
        }.ToJsonString();
    }

    [Fact]
    public async Task A_file_is_read_from_the_folder_of_the_configuration_only()
    {
        using var pki = TestPki.Root("corporate");
        var folder = Directory.CreateDirectory(Path.Combine(_server.Data, "authorities")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), pki.Pem);
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.key"), pki.KeyPem);
        await File.WriteAllTextAsync(Path.Combine(_server.Data, "outside.key"), pki.KeyPem);
        File.CreateSymbolicLink(Path.Combine(folder, "link.key"), Path.Combine(_server.Data, "outside.key"));
        var document = Mesh("ca-1", Files($"{folder}/ca.crt", "ca.key"));
        Assert.Equal(
            ["mtls.backends[0].conf.cert.file", "mtls.backends[0].conf.key.file"], (await _server.PutAsync("/meshes/m", document)).InvalidFields);

        await using var server = new AsyncDisposable(await TestServer.StartAsync(("authorities.folder", folder)));
        Assert.Equal(["mtls.backends[0].conf.key.file"], (await server.It.PutAsync("/meshes/m", Mesh("ca-1", Files("ca.crt", "../outside.key")))).InvalidFields);
        Assert.Equal(["mtls.backends[0].conf.key.file"], (await server.It.PutAsync("/meshes/m", Mesh("ca-1", Files("ca.crt", "link.key")))).InvalidFields);
        Assert.Equal(201, (await server.It.PutAsync("/meshes/m", document)).Status);
        Assert.Equal("ca.key", (string?)(await server.It.GetAsync("/meshes/m")).Json["mtls"]!["backends"]![0]!["conf"]!["key"]!["file"]);
    }

    [Fact]
    public async Task A_key_goes_with_its_backend_and_whether_an_authority_can_sign_is_shown()
    {
        using var pki = TestPki.Root("corporate");
        await PutAsync("ca-1", Builtin("ca-1"), Provided("ca-2", pki.Pem, pki.KeyPem));
        await EventuallyAsync(async () => Use(await StatusAsync(), "ca-2") == "idle");
        Assert.Equal(2, await DataKeysAsync());
        Assert.Contains("_authority_can_sign{", await _server.Diagnostics.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await PutAsync("ca-1", Builtin("ca-1"));
        await EventuallyAsync(async () => await DataKeysAsync() == 1);

        var keys = Keys;
        await foreach (var key in keys.ListAsync())
            await keys.DestroyAsync(key);
        await _server.PutAsync("/meshes/m", Mesh("ca-1", Builtin("ca-1")).Replace("\"m\"", "\"m\",\"labels\":{\"a\":\"b\"}", StringComparison.Ordinal));
        await EventuallyAsync(async () => (await StatusAsync())["authorities"]![0]!["canSign"]?.GetValue<bool>() is false);
        Assert.Contains("key", (string?)(await _server.GetAsync("/mesh-insights/m")).Json["mTLS"]!["authorities"]![0]!["problem"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_holds_no_private_key_and_no_token_in_any_form()
    {
        using var pki = TestPki.Root("corporate");
        await PutAsync("ca-1", Builtin("ca-1"), Provided("ca-2", pki.Pem, pki.KeyPem));
        await SigningAsync("ca-1");
        await EventuallyAsync(async () => Use(await StatusAsync(), "ca-2") == "idle");
        var token = (await _server.PostAsync("/tokens/dataplane", """{"mesh":"m","name":"web-1"}""")).Text;
        Assert.Equal(3, token.Split('.').Length);
        List<byte[]> secrets = [pki.Key.ExportPkcs8PrivateKey(), System.Text.Encoding.ASCII.GetBytes(token.Split('.')[2])];
        var vault = _server.Server.Services.GetRequiredService<EventStore.Secrets.ISecretVault>();
        foreach (var (stream, purpose) in new[] { ("ca/m/ca-1", "ca/m/ca-1/authority-key"), ("mesh/m", "mesh/m/token-signing-key") })
            secrets.AddRange(await UnsealedAsync(vault, stream, purpose));
        Assert.Equal(4, secrets.Count);
        await _server.StopAsync();

        var files = Directory.GetFiles(_server.Data, "events*");
        Assert.Contains(files, f => Path.GetFileName(f) == "events.db");
        foreach (var file in files)
        {
            var content = await File.ReadAllBytesAsync(file);
            Assert.False(content.AsSpan().IndexOf("PRIVATE KEY"u8) >= 0, $"{file} holds PEM");
            foreach (var form in secrets.SelectMany(FormsOf))
                Assert.False(content.AsSpan().IndexOf(form) >= 0, $"{file} holds a secret");
        }

        // Its middle, since a key of another form shares its head with every key.
        static IEnumerable<byte[]> FormsOf(byte[] secret)
        {
            var inner = secret[(secret.Length / 3)..(secret.Length / 3 + 24)];
            yield return inner;
            foreach (var shift in (int[])[0, 1, 2])
                yield return System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(inner[shift..])[4..24]);
            yield return System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(inner));
            yield return System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(inner));
        }
    }

    private async Task<List<byte[]>> UnsealedAsync(EventStore.Secrets.ISecretVault vault, string stream, string purpose)
    {
        List<byte[]> secrets = [];
        await foreach (var recorded in _server.Server.Services.GetRequiredService<IEventStore>().ReadStreamAsync(stream))
        {
            if (JsonNode.Parse(recorded.Data.Span)!["privateKey"] is { } key)
            {
                secrets.Add(await vault.UnsealAsync(
                    new EventStore.Secrets.SealedSecret((string)key["keyId"]!, (string)key["nonce"]!, (string)key["ciphertext"]!, (string)key["tag"]!), purpose));
            }
        }

        return secrets;
    }

    private IDataKeyStore Keys => _server.Server.Services.GetRequiredService<IDataKeyStore>();

    private async Task<int> DataKeysAsync()
    {
        var (keys, there) = (Keys, 0);
        await foreach (var key in keys.ListAsync())
            there += await keys.GetAsync(key) is null ? 0 : 1;
        return there;
    }

    private async Task<List<string>> EventTypesAsync(string stream)
    {
        List<string> types = [];
        await foreach (var recorded in _server.Server.Services.GetRequiredService<IEventStore>().ReadStreamAsync(stream))
            types.Add(recorded.Type);
        return types;
    }

    private async Task RefusedAsync(string cert, string key, string field, string reason)
    {
        var answer = await _server.PutAsync("/meshes/m", Mesh("ca-1", Provided("ca-1", cert, key)));
        Assert.Equal(400, answer.Status);
        Assert.Contains(
            answer.Json["invalid_parameters"]!.AsArray(),
            p => (string?)p!["field"] == $"mtls.backends[0].conf.{field}" && ((string?)p["reason"])!.Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain("BEGIN", answer.Text, StringComparison.Ordinal);
    }

    private static string Mesh(string enabled, params string[] backends)
        => $$$"""{"type":"Mesh","name":"m","mtls":{"enabledBackend":"{{{enabled}}}","backends":[{{{string.Join(',', backends)}}}]}}""";

    private static string Builtin(string name) => $$$"""{"name":"{{{name}}}","type":"builtin"}""";

    private static string Provided(string name, string cert, string key) => new JsonObject
    {
        ["name"] = name,
        ["type"] = "provided",
        ["conf"] = new JsonObject { ["cert"] = new JsonObject { ["inlineString"] = cert }, ["key"] = new JsonObject { ["inlineString"] = key } },
    }.ToJsonString();

    private static string Files(string cert, string key) => new JsonObject
    {
        ["name"] = "ca-1",
        ["type"] = "provided",
        ["conf"] = new JsonObject { ["cert"] = new JsonObject { ["file"] = cert }, ["key"] = new JsonObject { ["file"] = key } },
    }.ToJsonString();

    private async Task PutAsync(string enabled, params string[] backends)
    {
        var answer = await _server.PutAsync("/meshes/m", Mesh(enabled, backends));
        Assert.True(answer.Status is 200 or 201, answer.Text);
    }

    private async Task<JsonObject> StatusAsync() => (await _server.GetAsync("/meshes/m/authorities")).Json;

    private async Task<JsonObject> ControlAsync(string what)
    {
        var answer = await _server.PostAsync($"/meshes/m/authorities/{what}", "");
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    private static string? Use(JsonObject status, string backend)
        => (string?)status["authorities"]!.AsArray().FirstOrDefault(a => (string?)a!["backend"] == backend)?["use"];

    /// <summary>Waits until an authority of the backend signs and no change is under way.</summary>
    private async Task<string> SigningAsync(string backend)
    {
        var status = new JsonObject();
        await EventuallyAsync(async () => (string?)(status = await StatusAsync())["stage"] == "none" && Use(status, backend) == "signing");
        return (string)status["authorities"]!.AsArray().Single(a => (string?)a!["use"] == "signing")!["id"]!;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(20))
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "not so within a minute");
    }

    private async Task<string> VerifyAsync(string purpose, string trust, string chain)
    {
        var (trustFile, chainFile) = (Path.Combine(_server.Data, "trust.pem"), Path.Combine(_server.Data, "chain.pem"));
        await File.WriteAllTextAsync(trustFile, trust);
        await File.WriteAllTextAsync(chainFile, chain);
        using var openssl = Process.Start(new ProcessStartInfo(
            "openssl", ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", trustFile, "-untrusted", chainFile, chainFile])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var printed = await openssl.StandardOutput.ReadToEndAsync() + await openssl.StandardError.ReadToEndAsync();
        await openssl.WaitForExitAsync();
        return printed.Trim();
    }

    private sealed class AsyncDisposable(TestServer server) : IAsyncDisposable
    {
        public TestServer It => server;

        public async ValueTask DisposeAsync() => await server.DisposeAsync();
    }
}
