using System.Security.Cryptography;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Tests.Sqlite;

namespace OrleansMesh.EventStore.Tests.Secrets;

public sealed class KeySourceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    private string Base64 => Convert.ToBase64String(_key);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_a_variable_and_a_command_give_the_same_key()
    {
        var file = Path.Combine(_directory.Path, "kek");
        await File.WriteAllBytesAsync(file, _key);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Environment.SetEnvironmentVariable("ORLEANSMESH_TEST_KEK", Base64);

        Assert.Equal(_key, await KeySource.Parse($"file:{file}").ReadAsync());
        Assert.Equal(_key, await KeySource.Parse("env:ORLEANSMESH_TEST_KEK").ReadAsync());
        Assert.Equal(_key, await KeySource.Parse($"command:echo {Base64}").ReadAsync());
        Assert.Null(Environment.GetEnvironmentVariable("ORLEANSMESH_TEST_KEK"));
    }

    [Theory]
    [InlineData("file:/nowhere/kek", "missing")]
    [InlineData("env:ORLEANSMESH_TEST_NO_KEK", "not set")]
    [InlineData("command:exit 3", "exit code 3")]
    [InlineData("command:echo c2hvcnQ=", "32 bytes")]
    [InlineData("command:echo not-base64-at-all", "32 bytes")]
    public async Task What_is_no_key_is_refused_with_the_reason_and_without_what_was_read(string source, string reason)
    {
        var refused = await Assert.ThrowsAsync<SecretUnavailableException>(() => KeySource.Parse(source).ReadAsync());
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-base64", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("file:")]
    [InlineData("vault:secret")]
    public void What_names_no_source_is_refused(string text) => Assert.Throws<FormatException>(() => KeySource.Parse(text));

    [Fact]
    public async Task Another_key_than_that_which_wrapped_is_refused()
    {
        await using var store = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = _directory.Path });
        var source = KeySource.Parse($"command:echo {Base64}");
        using (var key = await KeyEncryptionKey.OpenAsync(source, store))
            await new SecretVault(key, store).SealAsync("secret"u8.ToArray(), "test");
        (await KeyEncryptionKey.OpenAsync(source, store)).Dispose();

        var swapped = KeySource.Parse($"command:echo {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}");
        var refused = await Assert.ThrowsAsync<SecretUnavailableException>(() => KeyEncryptionKey.OpenAsync(swapped, store));
        Assert.Contains("was wrapped by the key-encryption key", refused.Message, StringComparison.Ordinal);
    }
}
