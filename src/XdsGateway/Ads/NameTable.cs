using System.Diagnostics.CodeAnalysis;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>Values by a name that each of them has; kept as <see cref="NameSet"/> keeps names, and for the same reason. Not thread-safe.</summary>
/// <param name="nameOf">The name that a value has, for ever the same.</param>
internal sealed class NameTable<T>(Func<T, string> nameOf)
{
    private const int Few = 128;

    private T[] _few = [];
    private int _count;
    private Dictionary<string, T>? _many;

    public int Count => _many?.Count ?? _count;

    public IEnumerable<string> Keys => Values.Select(nameOf);

    public IEnumerable<T> Values => _many is not null ? _many.Values : new ArraySegment<T>(_few, 0, _count);

    /// <summary>Puts it in the place of what had its name.</summary>
    public void Set(T value)
    {
        var name = nameOf(value);
        if (_many is not null)
        {
            _many[name] = value;
            return;
        }

        var place = PlaceOf(name);
        if (place >= 0)
            _few[place] = value;
        else if (_count == Few)
            Spread(name, value);
        else
            SortedNames.Insert(ref _few, _count++, ~place, value);
    }

    public bool ContainsKey(string name) => _many?.ContainsKey(name) ?? PlaceOf(name) >= 0;

    public bool TryGetValue(string name, [MaybeNullWhen(false)] out T value)
    {
        if (_many is not null)
            return _many.TryGetValue(name, out value);
        var place = PlaceOf(name);
        value = place >= 0 ? _few[place] : default;
        return place >= 0;
    }

    public T? GetValueOrDefault(string name) => TryGetValue(name, out var value) ? value : default;

    /// <returns>False: something has that name already, and stays.</returns>
    public bool TryAdd(T value)
    {
        if (ContainsKey(nameOf(value)))
            return false;
        Set(value);
        return true;
    }

    public bool Remove(string name) => Remove(name, out _);

    /// <returns>False: nothing had that name.</returns>
    public bool Remove(string name, [MaybeNullWhen(false)] out T removed)
    {
        if (_many is not null)
            return _many.Remove(name, out removed);
        var place = PlaceOf(name);
        if (place < 0)
        {
            removed = default;
            return false;
        }

        removed = _few[place];
        SortedNames.RemoveAt(ref _few, _count--, place);
        return true;
    }

    /// <summary>Lets go of the memory, too.</summary>
    public void Clear() => (_few, _count, _many) = ([], 0, null);

    /// <returns>Where it is; the complement of where it would have to be, as <see cref="Array.BinarySearch(Array, object)"/> has it.</returns>
    private int PlaceOf(string name)
    {
        var (low, high) = (0, _count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(nameOf(_few[middle]), name);
            if (order == 0)
                return middle;
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private void Spread(string name, T value)
    {
        var many = new Dictionary<string, T>(2 * Few, StringComparer.Ordinal);
        foreach (var one in Values)
            many.Add(nameOf(one), one);
        Clear();
        _many = many;
        many.Add(name, value);
    }
}
