namespace OrleansMesh.XdsGateway.Ads;

/// <summary>The arrays of <see cref="NameSet"/> and <see cref="NameTable{T}"/>, of which the first so many places are taken.</summary>
internal static class SortedNames
{
    public static void Insert<T>(ref T[] items, int count, int place, T item)
    {
        if (count == items.Length)
            Array.Resize(ref items, count + (count / 4) + 2);
        Array.Copy(items, place, items, place + 1, count - place);
        items[place] = item;
    }

    /// <summary>Lets go of the memory with the last of them.</summary>
    public static void RemoveAt<T>(ref T[] items, int count, int place)
    {
        if (count == 1)
        {
            items = [];
            return;
        }

        Array.Copy(items, place + 1, items, place, count - place - 1);
        items[count - 1] = default!;
    }
}
