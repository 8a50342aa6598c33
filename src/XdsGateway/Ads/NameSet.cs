using System.Collections;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// A set of names. Every session has dozens of them, most with few names or none, so few names are kept in an array, in ordinal order.
/// Not thread-safe.
/// </summary>
internal sealed class NameSet : IReadOnlyCollection<string>
{
    /// <summary>Above it a hash table is worth its size, and adding to an array is not.</summary>
    private const int Few = 128;

    private string[] _few = [];
    private int _count;
    private HashSet<string>? _many;

    public int Count => _many?.Count ?? _count;

    public bool Contains(string name) => _many?.Contains(name) ?? PlaceOf(name) >= 0;

    /// <returns>False: it was there already.</returns>
    public bool Add(string name)
    {
        if (_many is not null)
            return _many.Add(name);
        var place = PlaceOf(name);
        if (place >= 0)
            return false;
        if (_count == Few)
        {
            _many = new HashSet<string>(new ArraySegment<string>(_few, 0, _count), StringComparer.Ordinal) { name };
            (_few, _count) = ([], 0);
            return true;
        }

        SortedNames.Insert(ref _few, _count++, ~place, name);
        return true;
    }

    /// <summary>Where the name is in it, this very text is kept in the place of the one that is equal to it, so that many sets may share one.</summary>
    public void Share(string name)
    {
        var place = PlaceOf(name);
        if (place >= 0)
            _few[place] = name;
    }

    /// <returns>False: it was not there.</returns>
    public bool Remove(string name)
    {
        if (_many is not null)
            return _many.Remove(name);
        var place = PlaceOf(name);
        if (place < 0)
            return false;
        SortedNames.RemoveAt(ref _few, _count--, place);
        return true;
    }

    public void UnionWith(IEnumerable<string> names)
    {
        foreach (var name in names)
            Add(name);
    }

    /// <summary>Lets go of the memory, too.</summary>
    public void Clear() => (_few, _count, _many) = ([], 0, null);

    public IEnumerator<string> GetEnumerator() => _many is not null ? _many.GetEnumerator() : new ArraySegment<string>(_few, 0, _count).AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int PlaceOf(string name) => Array.BinarySearch(_few, 0, _count, name, StringComparer.Ordinal);
}
