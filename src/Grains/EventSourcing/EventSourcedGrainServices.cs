using OrleansMesh.EventStore;

namespace OrleansMesh.Grains.EventSourcing;

/// <summary>What every event-sourced grain needs.</summary>
public sealed record EventSourcedGrainServices(IEventStore Store, ActiveStreams Streams, TimeProvider Time, GrainOptions Options);
