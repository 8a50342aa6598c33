using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrleansMesh.Domain.Values;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Tests.Rest;

public sealed class KeyEncryptionKeyTests : IAsyncLifetime
{
    private const string Route = "/key-encryption-key/rotate";

    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task It_is_rotated_while_the_server_runs_and_everything_goes_on_then_and_after_a_restart()
    {
        var file = Path.Combine(_server.Data, "key-encryption.key");
        await MustAsync(_server.PutAsync("/meshes/m", Documents.Mesh("m", mtls: true)));
        await MustAsync(_server.PutAsync("/meshes/m/secrets/s", """{"type":"Secret","mesh":"m","name":"s","data":"c2VjcmV0"}"""));
        await EverythingWorksAsync();
        var old = await File.ReadAllBytesAsync(file);

        var rotated = (await MustAsync(_server.PostAsync(Route, "{}"))).Json;

        Assert.True((int)rotated["rewrapped"]! >= 3, rotated.ToJsonString());
        Assert.Null(rotated["remaining"]);
        Assert.NotEqual(old, await File.ReadAllBytesAsync(file));
        Assert.False(File.Exists(file + ".next"));
        await EverythingWorksAsync();
        await MustAsync(_server.PutAsync("/meshes/n", Documents.Mesh("n", mtls: true)));
        await _server.RestartAsync();
        await EverythingWorksAsync();
        Assert.Equal(200, (await _server.PostAsync(Route, "")).Status);
        await EverythingWorksAsync();

        await _server.StopAsync();
        var present = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, old);
        await Assert.ThrowsAsync<SecretUnavailableException>(_server.InitializeAsync);
        await File.WriteAllBytesAsync(file, present);
        await _server.InitializeAsync();
        await EverythingWorksAsync();
    }

    [Fact]
    public async Task What_is_no_request_for_it_is_refused_and_changes_nothing()
    {
        Assert.Equal(["everywhere"], (await _server.PostAsync(Route, """{"everywhere":"yes"}""")).InvalidFields);
        Assert.Equal(["nowhere"], (await _server.PostAsync(Route, """{"nowhere":true}""")).InvalidFields);
        Assert.False(File.Exists(Path.Combine(_server.Data, "key-encryption.key.next")));
    }

    [Fact]
    public async Task Where_the_key_is_supplied_the_next_one_has_to_be_as_well()
    {
        var folder = Directory.CreateTempSubdirectory("orleansmesh-test").FullName;
        try
        {
            var key = Path.Combine(folder, "kek");
            await File.WriteAllBytesAsync(key, RandomNumberGenerator.GetBytes(32));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var server = await TestServer.StartAsync(("keyEncryptionKey", $"file:{key}"));
            try
            {
                var refused = await server.PostAsync(Route, "{}");
                Assert.Equal(409, refused.Status);
                Assert.Contains("keyEncryptionKeyNext", (string?)refused.Json["detail"], StringComparison.Ordinal);
            }
            finally
            {
                await server.DisposeAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task EverythingWorksAsync()
    {
        Assert.Equal("c2VjcmV0", (string?)(await MustAsync(_server.GetAsync("/meshes/m/secrets/s"))).Json["data"]);
        Assert.Equal(3, (await MustAsync(_server.PostAsync("/tokens/dataplane", """{"mesh":"m","name":"web-1"}"""))).Text.Split('.').Length);
        Assert.Equal(3, (await MustAsync(_server.PostAsync("/tokens/user", """{"name":"jane"}"""))).Text.Split('.').Length);
        JsonNode? signing;
        for (var waited = Stopwatch.StartNew(); (signing = await SigningAsync()) is null; await Task.Delay(20))
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "the authority does not sign within a minute");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = await _server.Server.Services.GetRequiredService<IGrainFactory>().GetGrain<ICertificateAuthorityGrain>("m/ca-1").Issue(
            new(ValueList.Create<byte>(key.ExportSubjectPublicKeyInfo()), ["spiffe://m/web"], TimeSpan.FromHours(1), (string)signing["id"]!));
        Assert.Contains("BEGIN CERTIFICATE", issued.ChainPem, StringComparison.Ordinal);
    }

    private async Task<JsonNode?> SigningAsync()
        => (await _server.GetAsync("/meshes/m/authorities")).Json["authorities"]!.AsArray().FirstOrDefault(a => (string?)a!["use"] == "signing");

    private static async Task<Answer> MustAsync(Task<Answer> answer)
    {
        var it = await answer;
        Assert.True(it.Status is 200 or 201, it.Text);
        return it;
    }
}
