using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

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
