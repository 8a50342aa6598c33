namespace OrleansMesh.EventStore.Secrets;

/// <summary>
/// The key-encryption keys in a server's memory: the present one and, while the data keys are wrapped anew, the next one. One that was replaced stays until the
/// process ends: a read that began before, or another server of the same log, may still meet it.
/// </summary>
public sealed class KeyRing : IDisposable
{
    private readonly KeyPlaces? _places;
    private readonly Dictionary<string, KeyEncryptionKey> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _seals = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _looking = new(1, 1);
    private KeyEncryptionKey _present;
    private KeyEncryptionKey? _next;
    private bool _begun;

    /// <summary>A ring of one key, which stays the present one; the ring owns it.</summary>
    public KeyRing(KeyEncryptionKey present)
        : this(null, present, null)
    {
    }

    private KeyRing(KeyPlaces? places, KeyEncryptionKey present, KeyEncryptionKey? next)
    {
        (_places, _present) = (places, present);
        _known[present.Id] = present;
        if (next is null || !_known.TryAdd(next.Id, next))
            next?.Dispose();
        else
            _next = next;
    }

    /// <summary>True when other servers have the same log, so that one of them may have begun with the next key unseen.</summary>
    internal bool IsShared => _places is { IsShared: true };

    /// <summary>The key that new data keys are wrapped by.</summary>
    internal KeyEncryptionKey Wrapping
    {
        get
        {
            lock (_lock)
                return _begun ? _next! : _present;
        }
    }

    /// <summary>Reads the keys and goes on where a crash left a rotation: where every data key is wrapped by the next key, that becomes the present one.</summary>
    /// <exception cref="SecretUnavailableException">A key cannot be had, or a data key was wrapped by neither.</exception>
    public static async Task<KeyRing> OpenAsync(KeyPlaces places, IDataKeyStore keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(keys);
        var next = await places.ReadNextAsync(null, cancellationToken).ConfigureAwait(false);
        KeyEncryptionKey present;
        try
        {
            present = places.Present is { } source
                ? await KeyEncryptionKey.OpenAsync(source, keys, next, cancellationToken).ConfigureAwait(false)
                : await KeyEncryptionKey.OpenAsync(places.File, keys, next, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            next?.Dispose();
            throw;
        }

        var ring = new KeyRing(places, present, next);
        if (ring._next is { } other)
        {
            var ids = await keys.KekIdsAsync(cancellationToken).ConfigureAwait(false);
            ring._begun = ids.Contains(other.Id);
            if (ring._begun && !ids.Contains(present.Id))
                ring.FinishAtStart();
        }

        return ring;
    }

    /// <summary>Wraps a new data key and stores it, by the key that is right now; a rotation waits for it.</summary>
    internal async Task StoreAsync(Func<KeyEncryptionKey, Task> wrapAndStore)
    {
        KeyEncryptionKey key;
        lock (_lock)
        {
            key = Wrapping;
            _seals[key.Id] = _seals.GetValueOrDefault(key.Id) + 1;
        }

        try
        {
            await wrapAndStore(key).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (--_seals[key.Id] == 0)
                    _seals.Remove(key.Id);
            }
        }
    }

    /// <summary>The key of that fingerprint. One that is not known may be the next one, with which another server began: it is looked for, once.</summary>
    /// <returns>Null when it is not to be had.</returns>
    internal async Task<KeyEncryptionKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Known(id) is { } known)
            return known;
        if (_places is null)
            return null;
        await _looking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Known(id) is { } meanwhile)
                return meanwhile;
            if (await ReadNextAsync(cancellationToken).ConfigureAwait(false) is not { } found)
                return null;
            lock (_lock)
            {
                if (found.Id == id)
                {
                    // Another server is one rotation further: what was next here is the present one there.
                    if (_begun)
                        _present = _next!;
                    (_next, _begun) = (found, true);
                    return found;
                }

                if (!_begun && found != _present)
                    _next = found;
                return null;
            }
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>From now on new data keys are wrapped by the next key. When this returns none is being stored under another one.</summary>
    /// <returns>The next key; the present one when it was the next one and has taken its place.</returns>
    /// <exception cref="SecretUnavailableException">The next key cannot be had, or is not the one with which the rotation began.</exception>
    internal async Task<KeyEncryptionKey> BeginAsync(CancellationToken cancellationToken)
    {
        if (_places is null)
            throw new SecretUnavailableException("this key-encryption key has no place for another one beside it");
        KeyEncryptionKey next;
        await _looking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            next = await ReadNextAsync(cancellationToken).ConfigureAwait(false) ?? Remember(_begun ? throw Lost() : _places.MakeNext());
            lock (_lock)
            {
                if (_begun && next != _next)
                    throw Lost();
                if (next != _present)
                    (_next, _begun) = (next, true);
            }
        }
        finally
        {
            _looking.Release();
        }

        while (IsStoringUnderAnother(next.Id))
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken).ConfigureAwait(false);
        return next;

        SecretUnavailableException Lost() => new($"a rotation to the key-encryption key {_next!.Id} is under way, and it is not where the next one is any more: put it back");
    }

    /// <summary>Makes the next key the present one: nothing is wrapped by another.</summary>
    /// <returns>What is left to do for the operator; null: nothing.</returns>
    /// <exception cref="SecretUnavailableException">Its file cannot take the place of the present one. All goes on with both.</exception>
    internal string? Finish()
    {
        var next = Wrapping;
        var left = _places!.Install(next);
        lock (_lock)
            (_present, _next, _begun) = (next, null, false);
        return left;
    }

    // Both keys are there, so that a file that cannot be put in place is no reason not to start.
    private void FinishAtStart()
    {
        try
        {
            Finish();
        }
        catch (SecretUnavailableException)
        {
            _begun = true;
        }
    }

    private KeyEncryptionKey? Known(string id)
    {
        lock (_lock)
        {
            var known = _known.GetValueOrDefault(id);
            // A data key under the next key: another server has begun.
            if (known is not null && known == _next)
                _begun = true;
            return known;
        }
    }

    private async Task<KeyEncryptionKey?> ReadNextAsync(CancellationToken cancellationToken)
    {
        KeyEncryptionKey? before;
        lock (_lock)
            before = _next ?? _present;
        return await _places!.ReadNextAsync(before, cancellationToken).ConfigureAwait(false) is { } found ? Remember(found) : null;
    }

    private KeyEncryptionKey Remember(KeyEncryptionKey key)
    {
        lock (_lock)
        {
            if (_known.TryAdd(key.Id, key))
                return key;
            var known = _known[key.Id];
            if (known != key)
                key.Dispose();
            return known;
        }
    }

    private bool IsStoringUnderAnother(string id)
    {
        lock (_lock)
            return _seals.Keys.Any(other => other != id);
    }

    public void Dispose()
    {
        foreach (var key in _known.Values)
            key.Dispose();
        _looking.Dispose();
    }
}
