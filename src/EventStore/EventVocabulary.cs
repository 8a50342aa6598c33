namespace OrleansMesh.EventStore;

/// <summary>What a program can read. The servers of one log tell it each other, so that none appends what another could not replay.</summary>
/// <param name="Program">Its name and version, for messages.</param>
/// <param name="EventTypes">The published names of every event type that it knows.</param>
public sealed record EventVocabulary(string Program, IReadOnlyCollection<string> EventTypes);
