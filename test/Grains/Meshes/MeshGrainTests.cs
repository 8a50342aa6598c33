using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;
using static OrleansMesh.Grains.Tests.Hosting.Resources;
using SealedSecret = OrleansMesh.EventStore.Secrets.SealedSecret;

namespace OrleansMesh.Grains.Tests.Meshes;

public sealed class MeshGrainTests : IAsyncLifetime
{
    private TestServer _server = null!;

    private IMeshGrain Mesh => _server.Grains.GetGrain<IMeshGrain>("default");

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_change_is_told_to_those_whom_it_concerns_and_to_nobody_else()
    {
        await Mesh.ApplyMesh(SecureMesh, Operator);
        var byTag = Permission("tag", "web", "") with { Destinations = [new Selector(TagSet.Of((TagSet.ProtocolTag, "http")))] };
        Dictionary<string, Watcher> watchers = [];
        foreach (var service in new[] { "web", "api", "db" })
            watchers[service] = await WatchAsync(service);

        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "db"), Operator);
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "db") with { Labels = Tags("label") }, Operator);
        await Mesh.ApplyTrafficPermission(Permission("all", "web", "*"), Operator);
        await Mesh.ApplyTrafficPermission(Permission("p", "*", "db"), Operator);
        await Mesh.DeleteTrafficPermission("p", Operator);
        await Mesh.ApplyTrafficPermission(Permission("nobody", "web", "unknown"), Operator);
        await Mesh.ApplyTrafficPermission(byTag, Operator);
        await Mesh.ApplyMesh(SecureMesh with { Labels = Tags("label") }, Operator);
        await Mesh.ApplyMesh(PlainMesh with { Mtls = SecureMesh.Mtls! with { EnabledBackend = null } }, Operator);

        Assert.Equal(["all", "tag", "off tag"], await watchers["web"].UntilOffAsync());
        Assert.Equal(["p", "none", "all", "tag", "off tag"], await watchers["api"].UntilOffAsync());
        Assert.Equal(["p", "p", "p", "all", "tag", "off tag"], await watchers["db"].UntilOffAsync());
    }

    [Fact]
    public async Task Whoever_observes_anew_or_no_more_is_told_accordingly()
    {
        await Mesh.ApplyMesh(SecureMesh, Operator);
        var (moved, gone) = (await WatchAsync("api"), await WatchAsync("api"));
        await Mesh.Observe(moved.Reference, [Tags("web"), Tags("db", "tcp")]);
        await Mesh.Unobserve(gone.Reference);
        await Mesh.ApplyTrafficPermission(Permission("api", "*", "api"), Operator);
        await Mesh.ApplyTrafficPermission(Permission("db", "*", "db"), Operator);
        await Mesh.ApplyMesh(SecureMesh with { Mtls = SecureMesh.Mtls! with { EnabledBackend = null } }, Operator);
        Assert.Equal(["none,db", "off none,db"], await moved.UntilOffAsync());
        Assert.Empty(gone.Told);
    }

    [Fact]
    public async Task A_slice_says_what_governs_each_inbound_and_which_is_newer()
    {
        Assert.Null(await Mesh.Observe(_server.Grains.CreateObjectReference<IMeshObserver>(new Watcher()), []));
        await Mesh.ApplyMesh(SecureMesh, Operator);
        await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator);
        var slice = await Mesh.Observe(_server.Grains.CreateObjectReference<IMeshObserver>(new Watcher()), [Tags("web"), Tags("api")]);
        Assert.Equal((2, SecureMesh.EnabledBackend), (slice!.Version, slice.Backend));
        Assert.Null(slice.PermissionFor(Tags("web")));
        Assert.Equal("p", slice.PermissionFor(Tags("api"))!.Name);
        Assert.Null(slice.PermissionFor(Tags("unobserved")));
    }

    [Fact]
    public async Task A_mesh_is_deleted_when_no_proxy_observes_it()
    {
        await Mesh.ApplyMesh(SecureMesh, Operator);
        var watcher = await WatchAsync("api");
        Assert.Equal(Outcome.Refused, (await Mesh.DeleteMesh(Operator)).Outcome);
        await Mesh.Unobserve(watcher.Reference);
        Assert.Equal(Outcome.Deleted, (await Mesh.DeleteMesh(Operator)).Outcome);
        Assert.Equal(Outcome.NotFound, (await Mesh.DeleteMesh(Operator)).Outcome);
        Assert.Equal(Outcome.MeshNotFound, (await Mesh.ApplyTrafficPermission(Permission("p", "web", "api"), Operator)).Outcome);
    }

    [Fact]
    public async Task A_mesh_is_not_deleted_while_a_dataplane_of_it_is_being_made()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _server.Store.Before = async stream =>
        {
            if (stream == "proxy/default/web-1")
            {
                reached.TrySetResult();
                await go.Task;
            }
        };
        var making = _server.Grains.GetGrain<IProxyGrain>("default/web-1").ApplyDataplane(Dataplane("web-1", "web"), Operator);
        await reached.Task;

        Assert.Equal(Outcome.Refused, (await Mesh.DeleteMesh(Operator)).Outcome);
        go.SetResult();
        Assert.Equal(Outcome.Created, (await making).Outcome);
        Assert.Equal(Outcome.Deleted, (await Mesh.DeleteMesh(Operator)).Outcome);
    }

    [Fact]
    public async Task A_token_says_what_was_asked_for_and_verifies_by_the_meshs_key()
    {
        Assert.Null(await IssueAsync());
        await Mesh.ApplyMesh(PlainMesh, Operator);
        Assert.Empty((await Mesh.GetTokenRules()).Keys);
        var token = await IssueAsync();
        var parsed = new JsonWebToken(token);
        var key = Assert.Single((await Mesh.GetTokenRules()).Keys);

        Assert.Equal(("RS256", key.KeyId), (parsed.Alg, parsed.Kid));
        await AssertVerifiesAsync(token!, key);
        var now = _server.Time.GetUtcNow().ToUnixTimeSeconds();
        using var claims = JsonDocument.Parse(Base64UrlEncoder.Decode(parsed.EncodedPayload));
        Assert.Equal("""{"kuma.io/service":["web","api"]}""", claims.RootElement.GetProperty("Tags").GetRawText());
        Assert.Equal(
            ("web-1", "default", "dataplane", now + 86400, now - 5, now - 5),
            (Text("Name"), Text("Mesh"), Text("Type"), Number("exp"), Number("nbf"), Number("iat")));
        Assert.NotEqual(Text("jti"), new JsonWebToken(await IssueAsync()).Id);

        string? Text(string name) => claims.RootElement.GetProperty(name).GetString();
        long Number(string name) => claims.RootElement.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task Names_that_somebody_made_up_leave_no_grains_behind()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _server.Grains.GetGrain<IMeshGrain>($"made-up-{i}").GetTokenRules()));
        Assert.Empty((await Mesh.GetTokenRules()).Keys);
        await Eventually.HoldsAsync(() => Task.FromResult(_server.ActiveGrains == 1), "only the mesh that exists is active");
    }

    [Fact]
    public async Task The_token_key_survives_a_restart_sealed_and_is_destroyed_with_its_mesh()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        var token = (await IssueAsync())!;
        await _server.RestartAsync();
        await AssertVerifiesAsync(token, Assert.Single((await Mesh.GetTokenRules()).Keys));
        Assert.Equal(new JsonWebToken(token).Kid, new JsonWebToken(await IssueAsync()).Kid);

        var added = Assert.Single((await _server.EventsAsync("mesh/default")).OfType<TokenSigningKeyAdded>());
        var secret = await UnsealAsync(added);
        using var key = RSA.Create();
        key.ImportPkcs8PrivateKey(secret, out _);
        Assert.Equal(added.PublicKey, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
        await foreach (var recorded in _server.Store.ReadAllAsync())
            Assert.DoesNotContain(Convert.ToBase64String(secret)[100..], Encoding.UTF8.GetString(recorded.Data.Span), StringComparison.Ordinal);

        await Mesh.DeleteMesh(Operator);
        await Assert.ThrowsAsync<SecretUnavailableException>(() => UnsealAsync(added));
        await Mesh.ApplyMesh(PlainMesh, Operator);
        Assert.Empty((await Mesh.GetTokenRules()).Keys);
        Assert.NotEqual(added.KeyId, new JsonWebToken(await IssueAsync()).Kid);
    }

    [Fact]
    public async Task A_newer_key_signs_and_those_before_it_are_good_until_they_are_removed()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        var first = (await IssueAsync())!;
        Assert.Equal(Outcome.Changed, (await Mesh.AddTokenSigningKey(null, Operator)).Outcome);
        var second = (await IssueAsync())!;
        Assert.Equal(("1", "2"), (new JsonWebToken(first).Kid, new JsonWebToken(second).Kid));
        Assert.Equal(["1", "2"], (await Mesh.GetTokenRules()).Keys.Select(k => k.KeyId));

        var told = new TokenListener();
        await Mesh.ObserveTokens(_server.Grains.CreateObjectReference<ITokenObserver>(told));
        Assert.Equal(Outcome.Deleted, (await Mesh.ChangeTokens(new RemoveSigningKey("1"), Operator)).Outcome);
        Assert.Equal(Outcome.Changed, (await Mesh.ChangeTokens(new RevokeTokens(["x"]), Operator)).Outcome);

        await Eventually.HoldsAsync(
            () => Task.FromResult(told.Last is { Keys: [{ KeyId: "2" }], Revoked: ["x"] }), "whoever observes the tokens is told");
        var added = (await _server.EventsAsync("mesh/default")).OfType<TokenSigningKeyAdded>().First();
        await Assert.ThrowsAsync<SecretUnavailableException>(() => UnsealAsync(added));
        GC.KeepAlive(told);
    }

    [Fact]
    public async Task A_key_that_was_made_elsewhere_signs_and_what_is_no_key_is_refused()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        using var made = RSA.Create(2048);
        using var small = RSA.Create(1024);
        using var curve = ECDsa.Create();
        foreach (var bad in new[] { "", "no key", small.ExportPkcs8PrivateKeyPem(), curve.ExportPkcs8PrivateKeyPem(), made.ExportSubjectPublicKeyInfoPem() })
            Assert.Equal("data", Assert.Single((await ImportAsync("5", bad)).Problems).Field);
        Assert.Equal(Outcome.Changed, (await ImportAsync("5", made.ExportRSAPrivateKeyPem())).Outcome);
        Assert.Equal(Outcome.Unchanged, (await ImportAsync("5", made.ExportPkcs8PrivateKeyPem())).Outcome);
        using var other = RSA.Create(2048);
        Assert.Equal(Outcome.Refused, (await ImportAsync("5", other.ExportPkcs8PrivateKeyPem())).Outcome);

        var token = (await IssueAsync())!;
        Assert.Equal("5", new JsonWebToken(token).Kid);
        await AssertVerifiesAsync(token, Assert.Single((await Mesh.GetTokenRules()).Keys));

        Task<CommandResult> ImportAsync(string id, string pem) => Mesh.AddTokenSigningKey(new ImportedSigningKey(id, new SecretData(Encoding.UTF8.GetBytes(pem))), Operator);
    }

    [Fact]
    public async Task What_is_revoked_stays_so_in_a_mesh_that_is_made_anew()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        await Mesh.ChangeTokens(new RevokeTokens(["b", "a"]), Operator);
        await Mesh.DeleteMesh(Operator);
        Assert.Equal(Outcome.MeshNotFound, (await Mesh.ChangeTokens(new RevokeTokens(["c"]), Operator)).Outcome);
        await Mesh.ApplyMesh(PlainMesh, Operator);
        Assert.Equal(["a", "b"], (await Mesh.GetTokenRules()).Revoked);
    }

    [Fact]
    public async Task A_token_key_that_a_crash_left_behind_is_destroyed_later()
    {
        await Mesh.ApplyMesh(PlainMesh, Operator);
        await IssueAsync();
        var added = Assert.Single((await _server.EventsAsync("mesh/default")).OfType<TokenSigningKeyAdded>());
        _server.Vault.IsShut = true;
        Assert.Equal(Outcome.Deleted, (await Mesh.DeleteMesh(Operator)).Outcome);
        _server.Vault.IsShut = false;
        Assert.NotEmpty(await UnsealAsync(added));

        await _server.RestartSiloAsync();
        await Mesh.GetTokenRules();
        await Assert.ThrowsAsync<SecretUnavailableException>(() => UnsealAsync(added));
    }

    private static async Task AssertVerifiesAsync(string token, TokenVerificationKey key)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.AsSpan(), out _);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = new RsaSecurityKey(rsa) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
            ValidateAudience = false,
            ValidateIssuer = false,
            ValidateLifetime = false,
        });
        Assert.True(result.IsValid, result.Exception?.Message);
    }

    private Task<byte[]> UnsealAsync(TokenSigningKeyAdded added)
    {
        var secret = added.PrivateKey;
        return _server.Vault.UnsealAsync(new SealedSecret(secret.KeyId, secret.Nonce, secret.Ciphertext, secret.Tag), "mesh/default/token-signing-key");
    }

    private Task<string?> IssueAsync()
        => Mesh.IssueDataplaneToken(
            new DataplaneTokenRequest("web-1", [new TokenTag("kuma.io/service", ["web", "api"])], "dataplane", TimeSpan.FromDays(1)), Operator);

    private async Task<Watcher> WatchAsync(string service)
    {
        var watcher = new Watcher();
        watcher.Reference = _server.Grains.CreateObjectReference<IMeshObserver>(watcher);
        Assert.NotNull(await Mesh.Observe(watcher.Reference, [Tags(service)]));
        return watcher;
    }

    private sealed class Watcher : IMeshObserver
    {
        private readonly TaskCompletionSource _off = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IMeshObserver Reference { get; set; } = null!;

        public List<string> Told { get; } = [];

        public async Task<List<string>> UntilOffAsync()
        {
            await _off.Task.WaitAsync(TimeSpan.FromSeconds(30));
            return Told;
        }

        public Task MeshChanged(MeshSlice? slice)
        {
            var permissions = string.Join(',', slice!.Permissions.Select(p => p?.Name ?? "none"));
            Told.Add(slice.Backend is null ? $"off {permissions}" : permissions);
            if (slice.Backend is null)
                _off.TrySetResult();
            return Task.CompletedTask;
        }
    }

    private sealed class TokenListener : ITokenObserver
    {
        public TokenRules? Last { get; private set; }

        public Task TokensChanged(TokenRules rules)
        {
            Last = rules;
            return Task.CompletedTask;
        }
    }
}
