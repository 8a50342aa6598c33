namespace OrleansMesh.Domain.Values;

/// <summary>Lists in ordinal order of a key that each item has once.</summary>
internal static class KeyedList
{
    /// <summary>The list with the item in its place, instead of the one with its key if there is one.</summary>
    public static ValueList<T> With<T>(this ValueList<T> list, Func<T, string> key, T item)
    {
        var at = list.PlaceOf(key, key(item), out var found);
        var items = list.AsSpan();
        return ValueList.Create<T>([.. items[..at], item, .. items[(found ? at + 1 : at)..]]);
    }

    /// <summary>The list without the item of that key.</summary>
    public static ValueList<T> Without<T>(this ValueList<T> list, Func<T, string> key, string unwanted)
    {
        var at = list.PlaceOf(key, unwanted, out var found);
        var items = list.AsSpan();
        return found ? ValueList.Create<T>([.. items[..at], .. items[(at + 1)..]]) : list;
    }

    /// <summary>The item of that key, or null.</summary>
    public static T? Find<T>(this ValueList<T> list, Func<T, string> key, string wanted)
        where T : class
    {
        var at = list.PlaceOf(key, wanted, out var found);
        return found ? list[at] : null;
    }

    private static int PlaceOf<T>(this ValueList<T> list, Func<T, string> key, string wanted, out bool found)
    {
        var (low, high) = (0, list.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(key(list[middle]), wanted);
            if (order == 0)
            {
                found = true;
                return middle;
            }

            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        found = false;
        return low;
    }
}
