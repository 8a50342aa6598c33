using System.Diagnostics.CodeAnalysis;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>What belongs to names; kept as <see cref="NameSet"/> keeps them, and for the same reason. Not thread-safe.</summary>
internal sealed class NameTable<T>
{
    private const int Few = 128;

    private string[] _names = [];
    private T[] _values = [];
    private int _count;
    private Dictionary<string, T>? _many;

    public int Count => _many?.Count ?? _count;

    public IEnumerable<string> Keys => _many is not null ? _many.Keys : new ArraySegment<string>(_names, 0, _count);

    public IEnumerable<T> Values => _many is not null ? _many.Values : new ArraySegment<T>(_values, 0, _count);

    /// <summary>Sets what belongs to the name.</summary>
    public T this[string name]
    {
        set
        {
            if (_many is not null)
            {
                _many[name] = value;
                return;
            }

            var place = PlaceOf(name);
            if (place >= 0)
                _values[place] = value;
            else if (_count == Few)
                Spread(name, value);
            else
                Insert(~place, name, value);
        }
    }

    public bool ContainsKey(string name) => _many?.ContainsKey(name) ?? PlaceOf(name) >= 0;

    public bool TryGetValue(string name, [MaybeNullWhen(false)] out T value)
    {
        if (_many is not null)
            return _many.TryGetValue(name, out value);
        var place = PlaceOf(name);
        value = place >= 0 ? _values[place] : default;
        return place >= 0;
    }

    public T? GetValueOrDefault(string name) => TryGetValue(name, out var value) ? value : default;

    /// <returns>False: something belongs to the name already, and stays.</returns>
    public bool TryAdd(string name, T value)
    {
        if (ContainsKey(name))
            return false;
        this[name] = value;
        return true;
    }

    public bool Remove(string name) => Remove(name, out _);

    /// <returns>False: nothing belonged to the name.</returns>
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

        removed = _values[place];
        SortedNames.RemoveAt(_names, _count, place);
        SortedNames.RemoveAt(_values, _count, place);
        _count--;
        return true;
    }

    /// <summary>Lets go of the memory, too.</summary>
    public void Clear() => (_names, _values, _count, _many) = ([], [], 0, null);

    private int PlaceOf(string name) => Array.BinarySearch(_names, 0, _count, name, StringComparer.Ordinal);

    private void Insert(int place, string name, T value)
    {
        SortedNames.Insert(ref _names, _count, place, name);
        SortedNames.Insert(ref _values, _count, place, value);
        _count++;
    }

    private void Spread(string name, T value)
    {
        var many = new Dictionary<string, T>(2 * Few, StringComparer.Ordinal);
        for (var i = 0; i < _count; i++)
            many.Add(_names[i], _values[i]);
        Clear();
        _many = many;
        many.Add(name, value);
    }
}
