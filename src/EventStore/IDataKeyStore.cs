namespace OrleansMesh.EventStore;

/// <summary>
/// Wrapped data keys, kept beside the log and not in it: so that a secret whose key is deleted is gone although the log is not rewritten,
/// and so that the key-encryption key can be rotated by wrapping the data keys again.
/// </summary>
public interface IDataKeyStore
{
    /// <summary>Stores a new wrapped key; durable when it returns.</summary>
    Task PutAsync(WrappedDataKey key, CancellationToken cancellationToken = default);

    /// <summary>The key, or null when it never existed or was destroyed.</summary>
    Task<WrappedDataKey?> GetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Destroys a key: overwritten on disk, not merely unlinked. Unknown keys are no error.</summary>
    Task DestroyAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Puts the same data key, wrapped anew, in the place of what is stored, which is overwritten on disk as a destroyed one is.</summary>
    /// <param name="old">What has to be stored still: a key that was destroyed or replaced meanwhile stays as it is.</param>
    /// <returns>True when it was replaced.</returns>
    /// <exception cref="ArgumentException">The two are of different identities.</exception>
    Task<bool> ReplaceAsync(WrappedDataKey old, WrappedDataKey rewrapped, CancellationToken cancellationToken = default);

    /// <summary>The key-encryption keys by which the keys that there are are wrapped, each once.</summary>
    Task<IReadOnlyList<string>> KekIdsAsync(CancellationToken cancellationToken = default);

    /// <summary>Identities of all keys.</summary>
    IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken = default);
}

/// <summary>A data key under the key-encryption key.</summary>
/// <param name="Id">Names the key in the events that hold its ciphertexts.</param>
/// <param name="KekId">Names the key-encryption key (a fingerprint of it).</param>
/// <param name="Wrapped">AES-256-GCM: nonce (12 bytes), ciphertext (32 bytes), tag (16 bytes), with <paramref name="Id"/> as associated data.</param>
public sealed record WrappedDataKey(string Id, string KekId, ReadOnlyMemory<byte> Wrapped);
