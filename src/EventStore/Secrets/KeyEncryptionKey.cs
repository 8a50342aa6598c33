using System.Security.Cryptography;
using System.Text;
using OrleansMesh.EventStore.Files;

namespace OrleansMesh.EventStore.Secrets;

/// <summary>The 32 byte AES-256 key that wraps data keys. Lives in a file that only its owner may read; never in the log.</summary>
public sealed class KeyEncryptionKey : IDisposable
{
    internal const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    // Pinned, so that the garbage collector leaves no copies behind that could not be cleared.
    private readonly byte[] _key = GC.AllocateArray<byte>(KeyBytes, pinned: true);

    internal KeyEncryptionKey(ReadOnlySpan<byte> key)
    {
        key.CopyTo(_key);
        Id = Convert.ToHexStringLower(HMACSHA256.HashData(_key, "OrleansMesh key-encryption key id 1"u8).AsSpan(0, 16));
    }

    /// <summary>A fingerprint, 32 hexadecimal digits: HMAC-SHA-256 by the key over a constant, so that it tells nothing of the key.</summary>
    public string Id { get; }

    /// <summary>Reads the key file; makes it with mode 0600 where there is none and no data key was wrapped by it yet.</summary>
    /// <param name="next">Another key by which data keys may be wrapped as well: a rotation to it was under way.</param>
    /// <exception cref="SecretUnavailableException">The file is missing although wrapped keys exist, is open to others than its owner, has
    /// another length than 32 bytes, or is not the key by which the data keys were wrapped.</exception>
    public static async Task<KeyEncryptionKey> OpenAsync(
        string path, IDataKeyStore keys, KeyEncryptionKey? next = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(keys);
        var wrapped = await WrappedAsync(keys, next, cancellationToken).ConfigureAwait(false);
        return Proved(ReadOrCreate(path, wrapped.Count), $"'{path}'", wrapped);
    }

    /// <summary>Reads the key from where the operator supplies it.</summary>
    /// <param name="next">Another key by which data keys may be wrapped as well: a rotation to it was under way.</param>
    /// <exception cref="SecretUnavailableException">It cannot be had there, or is not the key by which the data keys were wrapped.</exception>
    public static async Task<KeyEncryptionKey> OpenAsync(
        KeySource source, IDataKeyStore keys, KeyEncryptionKey? next = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(keys);
        // First, since it may fail and be tried again, and some sources give the key once.
        var wrapped = await WrappedAsync(keys, next, cancellationToken).ConfigureAwait(false);
        var key = await source.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Proved(new KeyEncryptionKey(key), source.ToString(), wrapped);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static async Task<List<WrappedDataKey>> WrappedAsync(IDataKeyStore keys, KeyEncryptionKey? next, CancellationToken cancellationToken)
    {
        var wrapped = new List<WrappedDataKey>();
        await foreach (var id in keys.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await keys.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } key && key.KekId != next?.Id)
                wrapped.Add(key);
        }

        return wrapped;
    }

    private static KeyEncryptionKey Proved(KeyEncryptionKey kek, string origin, List<WrappedDataKey> wrapped)
    {
        foreach (var key in wrapped)
        {
            if (string.Equals(key.KekId, kek.Id, StringComparison.Ordinal))
                continue;
            kek.Dispose();
            throw new SecretUnavailableException(
                $"data key '{key.Id}' was wrapped by the key-encryption key {key.KekId}, and {origin} holds {kek.Id}: put the right key file back");
        }

        return kek;
    }

    /// <summary>AES-256-GCM: nonce, ciphertext, tag, with the identity as associated data.</summary>
    internal WrappedDataKey Wrap(string id, ReadOnlySpan<byte> dataKey)
    {
        var wrapped = new byte[NonceBytes + KeyBytes + TagBytes];
        var nonce = wrapped.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, dataKey, wrapped.AsSpan(NonceBytes, KeyBytes), wrapped.AsSpan(NonceBytes + KeyBytes), Encoding.UTF8.GetBytes(id));
        return new WrappedDataKey(id, Id, wrapped);
    }

    internal void Unwrap(WrappedDataKey key, Span<byte> dataKey)
    {
        if (!string.Equals(key.KekId, Id, StringComparison.Ordinal))
            throw Unknown(key, this);
        var wrapped = key.Wrapped.Span;
        if (wrapped.Length != NonceBytes + KeyBytes + TagBytes)
            throw new SecretUnavailableException($"data key '{key.Id}' is not as it was wrapped");
        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(
                wrapped[..NonceBytes],
                wrapped.Slice(NonceBytes, KeyBytes),
                wrapped[(NonceBytes + KeyBytes)..],
                dataKey,
                Encoding.UTF8.GetBytes(key.Id));
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new SecretUnavailableException($"data key '{key.Id}' is not as it was wrapped", exception);
        }
    }

    /// <summary>The same data key, wrapped by this key instead of the one that it is wrapped by.</summary>
    internal WrappedDataKey Rewrap(WrappedDataKey key, KeyEncryptionKey old)
    {
        Span<byte> dataKey = stackalloc byte[KeyBytes];
        try
        {
            old.Unwrap(key, dataKey);
            return Wrap(key.Id, dataKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    internal static SecretUnavailableException Unknown(WrappedDataKey key, KeyEncryptionKey kek)
        => new($"data key '{key.Id}' was wrapped by the key-encryption key {key.KekId}, and this is {kek.Id}");

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private static KeyEncryptionKey ReadOrCreate(string path, int wrappedKeys)
    {
        Span<byte> made = stackalloc byte[KeyBytes];
        try
        {
            if (!File.Exists(path))
            {
                if (wrappedKeys > 0)
                {
                    throw new SecretUnavailableException(
                        $"the key-encryption key '{path}' is missing, and {wrappedKeys} data keys are wrapped by it: put it back; without it their secrets are lost");
                }

                RandomNumberGenerator.Fill(made);
                PrivateFile.CreateWhole(path, made);
            }

            var key = ReadFile(path);
            try
            {
                return new KeyEncryptionKey(key);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SecretUnavailableException($"the key-encryption key '{path}' cannot be read: {exception.Message}", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(made);
        }
    }

    /// <summary>The key in a file that only its owner may read; the caller clears it.</summary>
    internal static byte[] ReadFile(string path)
    {
        // One byte more than a key, so that a longer file shows.
        Span<byte> content = stackalloc byte[KeyBytes + 1];
        try
        {
            if (PrivateFile.ModeOpenToOthers(path) is { } mode)
                throw new SecretUnavailableException($"the key-encryption key '{path}' has mode {mode}, which lets others than its owner use it: 0600 is expected");
            using var file = PrivateFile.Open(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            if (length != KeyBytes)
                throw new SecretUnavailableException($"the key-encryption key '{path}' has the wrong length: {KeyBytes} bytes are expected");
            return content[..KeyBytes].ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SecretUnavailableException($"the key-encryption key '{path}' cannot be read: {exception.Message}", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
