using System.Security.Cryptography;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Tests.Sqlite;

namespace OrleansMesh.EventStore.Tests.Secrets;

public sealed class KeyRotationTests : IAsyncLifetime
{
    private const string Purpose = "test";

    private readonly TemporaryDirectory _directory = new();
    private readonly List<(SealedSecret Sealed, byte[] Secret)> _secrets = [];
    private SqliteEventStore _store = null!;
    private FailingKeys _keys = null!;
    private KeyRing _ring = null!;
    private SecretVault _vault = null!;

    private string KekPath => _directory.File("key-encryption.key");

    private string NextPath => KekPath + ".next";

    public Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Every_data_key_is_wrapped_anew_while_secrets_are_read_and_the_old_key_and_what_it_wrapped_are_gone_from_the_disk()
    {
        var old = await File.ReadAllBytesAsync(KekPath);
        await SealAsync(12);
        var wrapped = new List<byte[]>();
        foreach (var (secret, _) in _secrets)
            wrapped.Add((await _keys.GetAsync(secret.KeyId))!.Wrapped.ToArray());

        var rotated = await RotateAsync();

        Assert.Equal((12, null), (rotated.Rewrapped, rotated.Remaining));
        Assert.Equal([rotated.KeyId], await _keys.KekIdsAsync());
        Assert.False(File.Exists(NextPath));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KekPath));
        Assert.All(wrapped, bytes => Assert.False(Found(bytes) || Found(bytes[..12])));
        Assert.False(Found(old));
        await SealAsync(1);
        await AllOpenAsync();
        await StopAsync();
        await StartAsync();
        await AllOpenAsync();
        Assert.Equal([rotated.KeyId], await _keys.KekIdsAsync());

        var again = await RotateAsync();
        Assert.NotEqual(rotated.KeyId, again.KeyId);
        Assert.Equal(13, again.Rewrapped);
        await AllOpenAsync();
    }

    [Fact]
    public async Task The_old_key_does_not_open_the_log_any_more()
    {
        var old = await File.ReadAllBytesAsync(KekPath);
        await SealAsync(2);
        await RotateAsync();
        await StopAsync();
        await File.WriteAllBytesAsync(KekPath, old);
        await Assert.ThrowsAsync<SecretUnavailableException>(StartAsync);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Broken_off_at_a_data_key_nothing_is_lost_and_it_goes_on(int failing)
    {
        await SealAsync(5);
        _keys.FailAt = failing;
        await Assert.ThrowsAsync<EventStoreUnavailableException>(RotateAsync);
        await AllOpenAsync();
        // What is new is not wrapped by a key that is on its way out.
        await SealAsync(1);
        await StopAsync();
        await StartAsync();
        Assert.Equal(2, (await _keys.KekIdsAsync()).Count);
        await AllOpenAsync();
        var next = KeyOf(NextPath);

        var rotated = await RotateAsync();

        Assert.Equal(5 - (failing - 1), rotated.Rewrapped);
        Assert.Equal(next, await File.ReadAllBytesAsync(KekPath));
        await StopAsync();
        await StartAsync();
        await AllOpenAsync();
    }

    [Theory]
    [InlineData("before the old key is overwritten")]
    [InlineData("before the next key takes its name")]
    [InlineData("without the old key")]
    public async Task A_start_puts_the_next_key_in_place_where_a_crash_left_it(string crash)
    {
        await SealAsync(3);
        var old = await File.ReadAllBytesAsync(KekPath);
        await RotateAsync();
        await StopAsync();
        var present = KeyOf(KekPath);
        File.Move(KekPath, NextPath);
        if (crash != "without the old key")
            Write(KekPath, crash == "before the old key is overwritten" ? old : RandomNumberGenerator.GetBytes(32));

        await StartAsync();

        await AllOpenAsync();
        Assert.Equal(present, KeyOf(KekPath));
        Assert.False(File.Exists(NextPath));
        await SealAsync(1);
        await StopAsync();
        await StartAsync();
        await AllOpenAsync();
    }

    [Fact]
    public async Task A_crash_after_the_next_key_was_made_leaves_both_and_the_rotation_takes_it()
    {
        await SealAsync(2);
        _keys.FailAt = 1;
        await Assert.ThrowsAsync<EventStoreUnavailableException>(RotateAsync);
        var next = KeyOf(NextPath);
        await StopAsync();
        await StartAsync();
        Assert.True(File.Exists(KekPath) && File.Exists(NextPath));
        await AllOpenAsync();
        await RotateAsync();
        Assert.Equal(next, KeyOf(KekPath));
    }

    [Fact]
    public async Task Without_the_next_key_by_which_some_are_wrapped_the_start_is_refused()
    {
        await SealAsync(3);
        _keys.FailAt = 2;
        await Assert.ThrowsAsync<EventStoreUnavailableException>(RotateAsync);
        await StopAsync();
        File.Move(NextPath, NextPath + ".away");
        await Assert.ThrowsAsync<SecretUnavailableException>(StartAsync);
        await StopAsync();
        File.Move(NextPath + ".away", NextPath);
        await StartAsync();
        await AllOpenAsync();
        File.Move(NextPath, NextPath + ".away");
        var refused = await Assert.ThrowsAsync<SecretUnavailableException>(RotateAsync);
        Assert.Contains("put it back", refused.Message, StringComparison.Ordinal);
        await AllOpenAsync();
    }

    [Fact]
    public async Task A_data_key_that_is_destroyed_meanwhile_stays_destroyed()
    {
        await SealAsync(4);
        await _vault.DestroyAsync(_secrets[0].Sealed.KeyId);
        _keys.BeforeReplace = old => old.Id == _secrets[2].Sealed.KeyId ? _vault.DestroyAsync(old.Id) : Task.CompletedTask;
        var rotated = await RotateAsync();
        Assert.Equal(2, rotated.Rewrapped);
        foreach (var destroyed in new[] { 0, 2 })
            await Assert.ThrowsAsync<SecretUnavailableException>(() => _vault.UnsealAsync(_secrets[destroyed].Sealed, Purpose));
        _secrets.RemoveAt(2);
        _secrets.RemoveAt(0);
        await AllOpenAsync();
    }

    [Fact]
    public async Task Secrets_are_sealed_and_read_all_the_while()
    {
        await SealAsync(20);
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var added = new List<(SealedSecret, byte[])>();
            while (!stop.IsCancellationRequested)
            {
                var secret = RandomNumberGenerator.GetBytes(40);
                var sealedSecret = await _vault.SealAsync(secret, Purpose);
                added.Add((sealedSecret, secret));
                Assert.Equal(secret, await _vault.UnsealAsync(sealedSecret, Purpose));
                Assert.Equal(_secrets[7].Secret, await _vault.UnsealAsync(_secrets[7].Sealed, Purpose));
            }

            return added;
        })));
        var rotated = await RotateAsync();
        rotated = await RotateAsync();
        await stop.CancelAsync();
        foreach (var added in await load)
            _secrets.AddRange(added);
        Assert.Equal([rotated.KeyId], await _keys.KekIdsAsync());
        await StopAsync();
        await StartAsync();
        await AllOpenAsync();
    }

    [Fact]
    public async Task A_next_key_that_is_supplied_is_the_operators_to_put_in_place()
    {
        await SealAsync(2);
        await StopAsync();
        var (file, key) = (_directory.File("supplied"), RandomNumberGenerator.GetBytes(32));
        Write(file, key);
        var source = KeySource.Parse($"file:{file}");
        await StartAsync(next: source);
        var rotated = await RotateAsync();
        Assert.Equal(2, rotated.Rewrapped);
        Assert.Contains($"set keyEncryptionKey to what keyEncryptionKeyNext is (file:{file})", rotated.Remaining, StringComparison.Ordinal);
        Assert.Equal((0, rotated.KeyId), ((await RotateAsync()).Rewrapped, (await RotateAsync()).KeyId));
        await StopAsync();

        await StartAsync(next: source);
        await AllOpenAsync();
        await StopAsync();
        await StartAsync(present: source);
        await AllOpenAsync();
        var refused = await Assert.ThrowsAsync<SecretUnavailableException>(RotateAsync);
        Assert.Contains("set keyEncryptionKeyNext", refused.Message, StringComparison.Ordinal);
        await StopAsync();
        await Assert.ThrowsAsync<SecretUnavailableException>(() => StartAsync());
    }

    [Fact]
    public async Task A_variable_is_read_once_and_good_for_every_rotation_to_it()
    {
        Environment.SetEnvironmentVariable("ORLEANSMESH_TEST_NEXT_KEK", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await StopAsync();
        await StartAsync(next: KeySource.Parse("env:ORLEANSMESH_TEST_NEXT_KEK"));
        await SealAsync(2);
        _keys.FailAt = 2;
        await Assert.ThrowsAsync<EventStoreUnavailableException>(RotateAsync);
        Assert.Equal(1, (await RotateAsync()).Rewrapped);
        await AllOpenAsync();
    }

    [Fact]
    public async Task With_other_servers_on_the_log_the_next_key_has_to_be_on_all_of_them_and_the_others_find_it()
    {
        await SealAsync(3);
        await StopAsync();
        await StartAsync(isShared: true);
        var old = KeyOf(KekPath);
        var other = _directory.File("other.key");
        Write(other, old);
        using var otherRing = await KeyRing.OpenAsync(new(other, null, null, IsShared: true), _store);
        var otherVault = new SecretVault(otherRing, _store);

        Assert.Contains("--everywhere", (await Assert.ThrowsAsync<SecretUnavailableException>(RotateAsync)).Message, StringComparison.Ordinal);
        using var rotation = new KeyRotation(_ring, _keys);
        var refused = await Assert.ThrowsAsync<SecretUnavailableException>(() => rotation.RotateAsync(everywhere: true));
        Assert.Contains($"'{NextPath}'", refused.Message, StringComparison.Ordinal);
        Assert.Single(await _keys.KekIdsAsync());

        var next = RandomNumberGenerator.GetBytes(32);
        Write(NextPath, next);
        Write(other + ".next", next);
        var rotated = await rotation.RotateAsync(everywhere: true);
        Assert.Equal(3, rotated.Rewrapped);
        Assert.Contains("restart every other server", rotated.Remaining, StringComparison.Ordinal);
        // The other one has not seen a data key under the next key yet, and what it seals now is under that key nevertheless.
        var secret = await otherVault.SealAsync("late"u8.ToArray(), Purpose);
        Assert.Equal([rotated.KeyId], await _keys.KekIdsAsync());
        Assert.Equal("late"u8.ToArray(), await _vault.UnsealAsync(secret, Purpose));
        Assert.Equal(_secrets[0].Secret, await otherVault.UnsealAsync(_secrets[0].Sealed, Purpose));
        using (await KeyRing.OpenAsync(new(other, null, null, IsShared: true), _store))
            Assert.Equal(next, KeyOf(other));
        Assert.False(File.Exists(other + ".next"));
    }

    private async Task StartAsync(KeySource? present = null, KeySource? next = null, bool isShared = false)
    {
        _store = await SqliteEventStore.OpenAsync(new() { Directory = _directory.Path });
        _keys = new FailingKeys(_store);
        _ring = await KeyRing.OpenAsync(new(KekPath, present, next, isShared), _keys);
        _vault = new SecretVault(_ring, _keys);
    }

    private Task StartAsync() => StartAsync(null);

    private async Task StopAsync()
    {
        _ring.Dispose();
        await _store.DisposeAsync();
    }

    private async Task<RotatedKeys> RotateAsync()
    {
        using var rotation = new KeyRotation(_ring, _keys);
        return await rotation.RotateAsync(everywhere: false);
    }

    private async Task SealAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var secret = RandomNumberGenerator.GetBytes(48);
            _secrets.Add((await _vault.SealAsync(secret, Purpose), secret));
        }
    }

    private async Task AllOpenAsync()
    {
        foreach (var (secret, expected) in _secrets)
            Assert.Equal(expected, await _vault.UnsealAsync(secret, Purpose));
    }

    private bool Found(byte[] bytes) => Directory.GetFiles(_directory.Path)
        .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
        .Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.GetBuffer().AsSpan(0, (int)content.Length).IndexOf(bytes) >= 0;
        });

    private static byte[] KeyOf(string path) => File.ReadAllBytes(path);

    private static void Write(string path, byte[] key)
    {
        File.WriteAllBytes(path, key);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Keys of which one cannot be replaced, once, as if the server had been killed before it.</summary>
    private sealed class FailingKeys(IDataKeyStore inner) : IDataKeyStore
    {
        private int _replaced;

        public int FailAt { get; set; }

        public Func<WrappedDataKey, Task> BeforeReplace { get; set; } = _ => Task.CompletedTask;

        public Task PutAsync(WrappedDataKey key, CancellationToken cancellationToken = default) => inner.PutAsync(key, cancellationToken);

        public Task<WrappedDataKey?> GetAsync(string id, CancellationToken cancellationToken = default) => inner.GetAsync(id, cancellationToken);

        public Task DestroyAsync(string id, CancellationToken cancellationToken = default) => inner.DestroyAsync(id, cancellationToken);

        public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken = default) => inner.ListAsync(cancellationToken);

        public Task<IReadOnlyList<string>> KekIdsAsync(CancellationToken cancellationToken = default) => inner.KekIdsAsync(cancellationToken);

        public async Task<bool> ReplaceAsync(WrappedDataKey old, WrappedDataKey rewrapped, CancellationToken cancellationToken = default)
        {
            if (++_replaced == FailAt)
                throw new EventStoreUnavailableException("the test has the server killed here");
            await BeforeReplace(old);
            return await inner.ReplaceAsync(old, rewrapped, cancellationToken);
        }
    }
}
