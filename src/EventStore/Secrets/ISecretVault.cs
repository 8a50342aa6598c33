namespace OrleansMesh.EventStore.Secrets;

/// <summary>Makes secrets fit for the log, and readable again for as long as they are not destroyed.</summary>
public interface ISecretVault
{
    /// <summary>Encrypts under a new data key, which is durable when this returns.</summary>
    /// <param name="secret">The secret; the caller clears it.</param>
    /// <param name="purpose">What it is for, such as <c>ca/default/ca-1/key</c>: it is unsealed for the same purpose only.</param>
    Task<SealedSecret> SealAsync(ReadOnlyMemory<byte> secret, string purpose, CancellationToken cancellationToken = default);

    /// <summary>Decrypts. The caller clears the bytes after use (<c>CryptographicOperations.ZeroMemory</c>).</summary>
    /// <exception cref="SecretUnavailableException">Its key was destroyed, or it is not what was sealed for this purpose.</exception>
    Task<byte[]> UnsealAsync(SealedSecret secret, string purpose, CancellationToken cancellationToken = default);

    /// <summary>Destroys the data key and with it every copy of the secret. Unknown keys are no error.</summary>
    Task DestroyAsync(string keyId, CancellationToken cancellationToken = default);
}

/// <summary>A secret, or the key that would open it, cannot be had. The message never holds a part of either.</summary>
public sealed class SecretUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
