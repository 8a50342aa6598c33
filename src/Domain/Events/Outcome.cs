namespace OrleansMesh.Domain.Events;

/// <summary>What comes of a command: decided by a decider, and told to who asked once the events are durable.</summary>
public enum Outcome
{
    /// <summary>The resource comes to be.</summary>
    Created,

    /// <summary>The resource, or what is known of it, changes.</summary>
    Changed,

    /// <summary>Everything is already as the command wants it; there are no events.</summary>
    Unchanged,

    /// <summary>The resource goes.</summary>
    Deleted,

    /// <summary>There is no such resource; there are no events.</summary>
    NotFound,

    /// <summary>The mesh that the resource would be in does not exist; there are no events.</summary>
    MeshNotFound,

    /// <summary>The command contradicts the present state, as the problems beside it say; there are no events.</summary>
    Refused,
}
