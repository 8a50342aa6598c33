namespace OrleansMesh.EventStore.Writing;

/// <summary>A stream's version and the position of its last event; both 0 for a stream that does not exist.</summary>
internal readonly record struct StreamHead(long Version, long LastPosition);
