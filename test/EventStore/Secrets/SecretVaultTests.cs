using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Tests.Sqlite;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Secrets;

public sealed class SecretVaultTests : IAsyncLifetime
{
    private const string Purpose = "ca/default/ca-1/key";

    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _secret = Encoding.UTF8.GetBytes($"-----PRIVATE-{Guid.NewGuid():N}-----");
    private SqliteEventStore _store = null!;
    private KeyEncryptionKey _kek = null!;
    private SecretVault _vault = null!;

    private string KekPath => _directory.File("kek");

    private IDataKeyStore Keys => _store;

    public async Task InitializeAsync()
    {
        _store = await SqliteEventStore.OpenAsync(new() { Directory = _directory.Path });
        _kek = await KeyEncryptionKey.OpenAsync(KekPath, _store);
        _vault = new SecretVault(_kek, _store);
    }

    public async Task DisposeAsync()
    {
        _kek.Dispose();
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_secret_is_unsealed_after_a_restart()
    {
        var secret = await _vault.SealAsync(_secret, Purpose);
        await DisposeStoreAsync();
        await InitializeAsync();
        Assert.Equal(_secret, await _vault.UnsealAsync(secret, Purpose));
    }

    [Fact]
    public async Task A_sealed_secret_has_the_published_JSON()
    {
        var secret = await _vault.SealAsync(_secret, Purpose);
        var json = JsonSerializer.Serialize(secret);
        using var document = JsonDocument.Parse(json);
        Assert.Equal(["keyId", "nonce", "ciphertext", "tag"], document.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(12, document.RootElement.GetProperty("nonce").GetBytesFromBase64().Length);
        Assert.Equal(16, document.RootElement.GetProperty("tag").GetBytesFromBase64().Length);
        Assert.Equal(_secret.Length, document.RootElement.GetProperty("ciphertext").GetBytesFromBase64().Length);
        Assert.Equal(secret, JsonSerializer.Deserialize<SealedSecret>(json));
    }

    [Fact]
    public async Task Neither_the_secret_nor_a_key_is_readable_in_the_files()
    {
        var secret = await _vault.SealAsync(_secret, Purpose);
        await _store.AppendAsync([new StreamAppend("ca/default/ca-1", 0, [Event() with { Data = JsonSerializer.SerializeToUtf8Bytes(secret) }])]);
        var kek = File.ReadAllBytes(KekPath);
        var wrapped = (await Keys.GetAsync(secret.KeyId))!.Wrapped.ToArray();
        var dataKey = new byte[32];
        using (var aes = new AesGcm(kek, 16))
            aes.Decrypt(wrapped.AsSpan(0, 12), wrapped.AsSpan(12, 32), wrapped.AsSpan(44), dataKey, Encoding.UTF8.GetBytes(secret.KeyId));
        Assert.True(Found(wrapped), "the search finds what is there");
        foreach (var hidden in new[] { _secret, Encoding.UTF8.GetBytes(Convert.ToBase64String(_secret)), dataKey, kek })
            Assert.False(Found(hidden));
        await DisposeStoreAsync();
        Assert.True(Found(wrapped));
        foreach (var hidden in new[] { _secret, dataKey, kek })
            Assert.False(Found(hidden));
    }

    [Fact]
    public async Task Text_forms_reveal_nothing()
    {
        var secret = await _vault.SealAsync(_secret, Purpose);
        var wrapped = (await Keys.GetAsync(secret.KeyId))!;
        var kek = File.ReadAllBytes(KekPath);
        foreach (var text in new[] { secret.ToString(), wrapped.ToString(), _kek.ToString(), _kek.Id, _vault.ToString() })
        {
            Assert.DoesNotContain(Encoding.UTF8.GetString(_secret), text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(kek)[..8], text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(kek)[..8], text, StringComparison.Ordinal);
        }

        Assert.NotEqual(Convert.ToHexStringLower(SHA256.HashData(kek))[..32], _kek.Id);
    }

    [Fact]
    public async Task A_destroyed_key_is_gone_from_the_files_while_the_store_runs_and_for_ever()
    {
        var secrets = new List<SealedSecret>();
        var wrapped = new List<byte[]>();
        for (var i = 0; i < 120; i++)
        {
            secrets.Add(await _vault.SealAsync(_secret, Purpose));
            wrapped.Add((await Keys.GetAsync(secrets[i].KeyId))!.Wrapped.ToArray());
        }

        Assert.All(wrapped, key => Assert.True(Found(key)));
        for (var i = 0; i < secrets.Count; i += 3)
        {
            await _vault.DestroyAsync(secrets[i].KeyId);
            Assert.False(Found(wrapped[i]), $"key {i} is still on disk");
            // The nonce alone would be a trace of a copy that was overwritten in part.
            Assert.False(Found(wrapped[i][..12]));
        }

        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < secrets.Count; i++)
            {
                if (i % 3 == 0)
                {
                    await Assert.ThrowsAsync<SecretUnavailableException>(() => _vault.UnsealAsync(secrets[i], Purpose));
                    Assert.False(Found(wrapped[i]));
                }
                else
                {
                    Assert.Equal(_secret, await _vault.UnsealAsync(secrets[i], Purpose));
                }
            }

            Assert.Equal(80, (await Keys.ListAsync().ListAsync()).Count);
            await DisposeStoreAsync();
            await InitializeAsync();
        }

        await _vault.DestroyAsync(secrets[0].KeyId);
        await _vault.DestroyAsync("never-existed");
    }

    [Fact]
    public async Task Destroying_a_key_does_not_disturb_readers_and_writers()
    {
        var stop = new CancellationTokenSource();
        var appended = 0L;
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var version = 0L; !stop.IsCancellationRequested; version++)
            {
                await _store.AppendAsync([To($"load/{writer}", version, $"{version}")]);
                Interlocked.Increment(ref appended);
                Assert.Equal(version + 1, (await _store.ReadStreamAsync($"load/{writer}", version).ListAsync()).Single().Version);
            }
        })));
        for (var i = 0; i < 20; i++)
        {
            var secret = await _vault.SealAsync(_secret, Purpose);
            var wrapped = (await Keys.GetAsync(secret.KeyId))!.Wrapped.ToArray();
            await _vault.DestroyAsync(secret.KeyId);
            Assert.False(Found(wrapped));
        }

        await stop.CancelAsync();
        await load;
        await DisposeStoreAsync();
        await InitializeAsync();
        Assert.Equal(appended, await _store.HeadAsync());
    }

    [Fact]
    public async Task A_key_identity_is_used_once()
    {
        var key = new WrappedDataKey("k", "kek", RandomNumberGenerator.GetBytes(60));
        await Keys.PutAsync(key);
        await Assert.ThrowsAsync<ArgumentException>(() => Keys.PutAsync(key));
        await Keys.DestroyAsync("k");
        await Assert.ThrowsAsync<ArgumentException>(() => Keys.PutAsync(key));
        Assert.Null(await Keys.GetAsync("k"));
    }

    [Fact]
    public async Task A_secret_is_unsealed_for_its_own_purpose_only_and_only_as_it_was_sealed()
    {
        var secret = await _vault.SealAsync(_secret, Purpose);
        var other = await _vault.SealAsync(_secret, Purpose);
        await RefusedAsync(secret, "ca/other/ca-1/key");
        await RefusedAsync(secret with { KeyId = other.KeyId });
        await RefusedAsync(secret with { Nonce = other.Nonce });
        await RefusedAsync(secret with { Tag = other.Tag });
        await RefusedAsync(secret with { Ciphertext = other.Ciphertext });
        await RefusedAsync(secret with { Ciphertext = "not base64" });
        await RefusedAsync(secret with { Tag = "" });
        await RefusedAsync(secret with { Nonce = "" });
        Assert.Equal(_secret, await _vault.UnsealAsync(secret, Purpose));

        async Task RefusedAsync(SealedSecret changed, string purpose = Purpose)
        {
            var refusal = await Assert.ThrowsAsync<SecretUnavailableException>(() => _vault.UnsealAsync(changed, purpose));
            Assert.DoesNotContain(Encoding.UTF8.GetString(_secret), refusal.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Swapped_wrapped_keys_are_refused()
    {
        var first = await _vault.SealAsync(_secret, Purpose);
        var second = await _vault.SealAsync(_secret, Purpose);
        await DisposeStoreAsync();
        RawDatabase.Execute(
            _directory.File("events.db"),
            """
            CREATE TEMP TABLE swapped AS SELECT slot, wrapped FROM data_keys;
            UPDATE data_keys SET wrapped = (SELECT o.wrapped FROM swapped o WHERE o.slot = 3 - data_keys.slot);
            """);
        await InitializeAsync();
        await Assert.ThrowsAsync<SecretUnavailableException>(() => _vault.UnsealAsync(first, Purpose));
        await Assert.ThrowsAsync<SecretUnavailableException>(() => _vault.UnsealAsync(second, Purpose));
    }

    [Fact]
    public async Task The_key_file_is_kept_and_private()
    {
        var id = _kek.Id;
        Assert.Equal(32, new FileInfo(KekPath).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KekPath));
        using var again = await KeyEncryptionKey.OpenAsync(KekPath, _store);
        Assert.Equal(id, again.Id);
        using var another = await KeyEncryptionKey.OpenAsync(_directory.File("kek2"), _store);
        Assert.NotEqual(id, another.Id);
    }

    [Fact]
    public async Task A_missing_key_file_is_refused_when_keys_are_wrapped_by_it()
    {
        await _vault.SealAsync(_secret, Purpose);
        File.Delete(KekPath);
        await KekRefusedAsync("missing");
        Assert.False(File.Exists(KekPath));
    }

    [Fact]
    public async Task Another_key_file_is_refused_when_keys_are_wrapped()
    {
        var secret = await _vault.SealAsync(_secret, Purpose);
        using var other = await KeyEncryptionKey.OpenAsync(_directory.File("kek2"), new NoKeys());
        var refusal = await Assert.ThrowsAsync<SecretUnavailableException>(() => new SecretVault(other, _store).UnsealAsync(secret, Purpose));
        Assert.Contains(_kek.Id, refusal.Message, StringComparison.Ordinal);
        File.Copy(_directory.File("kek2"), KekPath, overwrite: true);
        await KekRefusedAsync("right key file");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public async Task A_key_file_of_another_length_is_refused(int length)
    {
        File.WriteAllBytes(KekPath, new byte[length]);
        await KekRefusedAsync("length");
    }

    [SkippableTheory]
    [InlineData(UnixFileMode.GroupRead, "0640")]
    [InlineData(UnixFileMode.OtherRead, "0604")]
    [InlineData(UnixFileMode.OtherWrite, "0602")]
    public async Task A_key_file_that_others_may_use_is_refused(UnixFileMode others, string mode)
    {
        Skip.If(OperatingSystem.IsWindows());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(KekPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        await KekRefusedAsync(mode);
    }

    private async Task KekRefusedAsync(string reason)
    {
        var refusal = await Assert.ThrowsAsync<SecretUnavailableException>(() => KeyEncryptionKey.OpenAsync(KekPath, _store));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    private async Task DisposeStoreAsync()
    {
        _kek.Dispose();
        await _store.DisposeAsync();
    }

    private bool Found(byte[] bytes) => Directory.GetFiles(_directory.Path, "events.*")
        .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
        .Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.GetBuffer().AsSpan(0, (int)content.Length).IndexOf(bytes) >= 0;
        });

    private sealed class NoKeys : IDataKeyStore
    {
        public Task PutAsync(WrappedDataKey key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<WrappedDataKey?> GetAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult<WrappedDataKey?>(null);

        public Task DestroyAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> ReplaceAsync(WrappedDataKey old, WrappedDataKey rewrapped, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> KekIdsAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<string>>([]);

        public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<string>();
    }
}
