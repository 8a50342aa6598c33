namespace OrleansMesh.EventStore.Transfer;

/// <summary>One of the things that a whole log is made of, on its way from one store to another.</summary>
public abstract record LogEntry;

/// <summary>A wrapped data key. All come before the first event.</summary>
public sealed record KeyEntry(WrappedDataKey Key) : LogEntry;

/// <summary>An event, in the order of positions, from 1 and without a gap.</summary>
public sealed record EventEntry(RecordedEvent Event) : LogEntry;
