namespace OrleansMesh.EventStore.Secrets;

/// <summary>Wraps every data key anew under the next key-encryption key, while secrets are sealed, unsealed and destroyed.</summary>
public sealed class KeyRotation(KeyRing ring, IDataKeyStore keys) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Begins, or goes on where it was broken off; when it returns no data key is wrapped by another key than the next one, which is the present one then.</summary>
    /// <param name="everywhere">The operator says that every server of this log has the next key; needed where there may be others.</param>
    /// <exception cref="SecretUnavailableException">The next key cannot be had, or a data key not be unwrapped. What was wrapped anew stays so, and everything can be read.</exception>
    public async Task<RotatedKeys> RotateAsync(bool everywhere, CancellationToken cancellationToken = default)
    {
        if (ring.IsShared && !everywhere)
        {
            throw new SecretUnavailableException(
                "other servers may share this log, and one that lacks the next key-encryption key could read no secret: give it to every server first, then say so (--everywhere)");
        }

        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var next = await ring.BeginAsync(cancellationToken).ConfigureAwait(false);
            var rewrapped = 0;
            while (await PassAsync(next, cancellationToken).ConfigureAwait(false) is { Found: true } pass)
                rewrapped += pass.Rewrapped;
            return new RotatedKeys(rewrapped, next.Id, ring.Finish());
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    // Another server may add a data key under the old one until it learns of the next: so until a pass finds none.
    private async Task<(bool Found, int Rewrapped)> PassAsync(KeyEncryptionKey next, CancellationToken cancellationToken)
    {
        var (found, rewrapped) = (false, 0);
        await foreach (var id in keys.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await keys.GetAsync(id, cancellationToken).ConfigureAwait(false) is not { } key || key.KekId == next.Id)
                continue;
            found = true;
            var old = await ring.FindAsync(key.KekId, cancellationToken).ConfigureAwait(false) ?? throw KeyEncryptionKey.Unknown(key, next);
            if (await keys.ReplaceAsync(key, next.Rewrap(key, old), cancellationToken).ConfigureAwait(false))
                rewrapped++;
        }

        return (found, rewrapped);
    }
}

/// <summary>What a rotation of the key-encryption key did.</summary>
/// <param name="Rewrapped">Data keys that were wrapped anew.</param>
/// <param name="KeyId">The fingerprint of the key that wraps all of them now.</param>
/// <param name="Remaining">What is left to do for the operator; null: nothing.</param>
public sealed record RotatedKeys(int Rewrapped, string KeyId, string? Remaining);
