namespace OrleansMesh.EventStore;

/// <summary>
/// What a destroyed key leaves: zeros of the same length, so that its identity is never used again. SQLite overwrites a row in place when its length stays, and as no row is ever
/// removed it never moves one to another page either, so that no page keeps an old copy of a key in its unused space.
/// </summary>
internal static class DestroyedKey
{
    public static bool Is(ReadOnlySpan<byte> wrapped) => !wrapped.ContainsAnyExcept((byte)0);
}
