using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMesh.EventStore.Secrets;

/// <summary>Envelope encryption: a data key per secret, wrapped by the key-encryption key, both AES-256-GCM.</summary>
/// <remarks>Associated data of a secret, a published contract: the key's identity and the purpose, each as its length in bytes (32 bits,
/// big-endian) and its UTF-8 bytes.</remarks>
public sealed class SecretVault(KeyRing ring, IDataKeyStore keys) : ISecretVault
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>A vault whose key-encryption key stays the same.</summary>
    public SecretVault(KeyEncryptionKey kek, IDataKeyStore keys)
        : this(new KeyRing(kek), keys)
    {
    }

    public async Task<SealedSecret> SealAsync(ReadOnlyMemory<byte> secret, string purpose, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        SealedSecret? sealedSecret = null;
        await ring.StoreAsync(async kek =>
        {
            (var key, sealedSecret) = Seal(kek, secret.Span, purpose);
            await keys.PutAsync(key, cancellationToken).ConfigureAwait(false);
            if (ring.IsShared)
                await FollowRotationAsync(key, kek, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return sealedSecret!;
    }

    public async Task<byte[]> UnsealAsync(SealedSecret secret, string purpose, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        var key = await keys.GetAsync(secret.KeyId, cancellationToken).ConfigureAwait(false)
            ?? throw new SecretUnavailableException($"the secret's data key '{secret.KeyId}' does not exist: it was destroyed, or belongs to another store");
        var kek = await ring.FindAsync(key.KekId, cancellationToken).ConfigureAwait(false) ?? throw KeyEncryptionKey.Unknown(key, ring.Wrapping);
        return Unseal(kek, key, secret, purpose);
    }

    public Task DestroyAsync(string keyId, CancellationToken cancellationToken = default) => keys.DestroyAsync(keyId, cancellationToken);

    // Another server may have begun with the next key, and have looked for the last time for data keys under the old one before this one was stored. All that
    // it wrapped anew was there before, so that this shows here, and nothing is acknowledged under a key that may be thrown away.
    private async Task FollowRotationAsync(WrappedDataKey key, KeyEncryptionKey kek, CancellationToken cancellationToken)
    {
        foreach (var id in await keys.KekIdsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (id != key.KekId && await ring.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } other && other == ring.Wrapping)
                await keys.ReplaceAsync(key, other.Rewrap(key, kek), cancellationToken).ConfigureAwait(false);
        }
    }

    private static (WrappedDataKey Key, SealedSecret Secret) Seal(KeyEncryptionKey kek, ReadOnlySpan<byte> secret, string purpose)
    {
        var id = Guid.NewGuid().ToString("N");
        Span<byte> dataKey = stackalloc byte[KeyBytes];
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> tag = stackalloc byte[TagBytes];
        var ciphertext = new byte[secret.Length];
        try
        {
            RandomNumberGenerator.Fill(dataKey);
            RandomNumberGenerator.Fill(nonce);
            using var aes = new AesGcm(dataKey, TagBytes);
            aes.Encrypt(nonce, secret, ciphertext, tag, AssociatedData(id, purpose));
            return (
                kek.Wrap(id, dataKey),
                new SealedSecret(id, Convert.ToBase64String(nonce), Convert.ToBase64String(ciphertext), Convert.ToBase64String(tag)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private static byte[] Unseal(KeyEncryptionKey kek, WrappedDataKey key, SealedSecret secret, string purpose)
    {
        Span<byte> dataKey = stackalloc byte[KeyBytes];
        var plaintext = Array.Empty<byte>();
        try
        {
            var ciphertext = Convert.FromBase64String(secret.Ciphertext);
            plaintext = GC.AllocateArray<byte>(ciphertext.Length, pinned: true);
            kek.Unwrap(key, dataKey);
            using var aes = new AesGcm(dataKey, TagBytes);
            aes.Decrypt(
                Convert.FromBase64String(secret.Nonce),
                ciphertext,
                Convert.FromBase64String(secret.Tag),
                plaintext,
                AssociatedData(key.Id, purpose));
            return plaintext;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            throw new SecretUnavailableException($"the secret under data key '{key.Id}' is not what was sealed for '{purpose}'", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private static byte[] AssociatedData(string id, string purpose)
    {
        var idBytes = Encoding.UTF8.GetByteCount(id);
        var purposeBytes = Encoding.UTF8.GetByteCount(purpose);
        var data = new byte[8 + idBytes + purposeBytes];
        BinaryPrimitives.WriteInt32BigEndian(data, idBytes);
        Encoding.UTF8.GetBytes(id, data.AsSpan(4));
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4 + idBytes), purposeBytes);
        Encoding.UTF8.GetBytes(purpose, data.AsSpan(8 + idBytes));
        return data;
    }
}
