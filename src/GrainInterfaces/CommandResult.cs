using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

/// <summary>What came of a command.</summary>
public enum Outcome
{
    /// <summary>The resource was made; the events are durable.</summary>
    Created,

    /// <summary>The resource was changed; the events are durable.</summary>
    Changed,

    /// <summary>The resource is already as asked for; nothing was stored.</summary>
    Unchanged,

    /// <summary>The resource is gone; the events are durable.</summary>
    Deleted,

    /// <summary>There is no such resource; nothing was stored.</summary>
    NotFound,

    /// <summary>The mesh that the resource would be in does not exist; nothing was stored.</summary>
    MeshNotFound,

    /// <summary>The command contradicts the present state, as <see cref="CommandResult.Problems"/> say; nothing was stored.</summary>
    Refused,
}

/// <summary>What came of a command.</summary>
/// <param name="Position">The log position from which on every reader sees the outcome; 0 when the command changed nothing.</param>
/// <param name="Problems">Why it was refused.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.command-result")]
public sealed record CommandResult([property: Id(0)] Outcome Outcome, [property: Id(1)] long Position, [property: Id(2)] ValueList<FieldProblem> Problems)
{
    public CommandResult(Outcome outcome, long position = 0)
        : this(outcome, position, ValueList<FieldProblem>.Empty)
    {
    }
}
