namespace OrleansMesh.EventStore;

/// <summary>What one append adds to one stream.</summary>
/// <param name="Stream">The stream's name, such as <c>mesh/default</c>.</param>
/// <param name="ExpectedVersion">The version that the stream must have: the number of its events; 0 when it must not exist yet.</param>
/// <param name="Events">At least one event.</param>
public sealed record StreamAppend(string Stream, long ExpectedVersion, IReadOnlyList<NewEvent> Events);

/// <summary>An event to be appended.</summary>
/// <param name="Type">The event type's published name.</param>
/// <param name="Data">The event as UTF-8 JSON.</param>
/// <param name="Context">Who did it, when, and what it was caused by.</param>
public sealed record NewEvent(string Type, ReadOnlyMemory<byte> Data, EventContext Context);

/// <summary>Who did it, when, and what caused it.</summary>
/// <param name="Actor">Who asked for it: <c>user:…</c>, <c>proxy:{mesh}/{name}</c> or <c>system</c>.</param>
/// <param name="At">When it was decided, UTC.</param>
/// <param name="Cause">What it was done for: the request's or the causing event's identity; empty where there is none.</param>
public sealed record EventContext(string Actor, DateTimeOffset At, string Cause = "");

/// <summary>An event as the log holds it.</summary>
/// <param name="Position">Its place in the global order, from 1.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its place in its stream, from 1.</param>
/// <param name="Type">The event type's published name.</param>
/// <param name="Data">The event as UTF-8 JSON.</param>
/// <param name="Context">Who did it, when, and what it was caused by.</param>
public sealed record RecordedEvent(long Position, string Stream, long Version, string Type, ReadOnlyMemory<byte> Data, EventContext Context);

/// <summary>What an acknowledged append did.</summary>
/// <param name="Position">The position of the last event that it appended.</param>
/// <param name="FirstPosition">The position of the first event that it appended; the append's events follow one another without a gap.</param>
public sealed record AppendResult(long FirstPosition, long Position);

/// <summary>A stream's name, its version (the number of its events) and the position of its last event.</summary>
public sealed record StreamInfo(string Name, long Version, long LastPosition);

/// <summary>A stream's state after the event of that version.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Version">The version of the last event that the state includes.</param>
/// <param name="Schema">The form of <paramref name="Data"/>; a reader asks for the form that it knows.</param>
/// <param name="Data">The state as UTF-8 JSON.</param>
public sealed record StreamSnapshot(string Stream, long Version, int Schema, ReadOnlyMemory<byte> Data);
