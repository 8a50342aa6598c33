using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace OrleansMesh.Translation;

/// <summary>What was made of a source, for as long as somebody holds it: the same source gives the same object. Thread-safe.</summary>
internal sealed class PartMemory<TSource, TPart>
    where TSource : notnull
    where TPart : class
{
    /// <summary>What was let go is forgotten when so many were added, or as many as there were, whichever is more.</summary>
    private const int ForgetEvery = 1024;

    private readonly ConcurrentDictionary<TSource, WeakReference<TPart>> _parts = new();
    private readonly Lock _making = new();
    private int _addedSince;
    private int _forgetAt = ForgetEvery;

    /// <summary>What was made of an equal source, or else what <paramref name="make"/> makes of this one, once, whoever asks at the same time.</summary>
    public TPart Get(TSource source, Func<TSource, TPart> make)
    {
        if (TryGet(source, out var known))
            return known;
        lock (_making)
        {
            if (TryGet(source, out known))
                return known;
            var made = make(source);
            _parts[source] = new WeakReference<TPart>(made);
            if (++_addedSince >= _forgetAt)
                Forget();
            return made;
        }
    }

    private bool TryGet(TSource source, [NotNullWhen(true)] out TPart? part)
    {
        part = null;
        return _parts.TryGetValue(source, out var known) && known.TryGetTarget(out part);
    }

    private void Forget()
    {
        var kept = 0;
        foreach (var entry in _parts)
        {
            if (entry.Value.TryGetTarget(out _))
                kept++;
            else
                _parts.TryRemove(entry);
        }

        (_addedSince, _forgetAt) = (0, Math.Max(kept, ForgetEvery));
    }
}
