using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Events;

/// <summary>An outcome and the events that make it so: none unless something is created, changed or deleted.</summary>
/// <param name="Problems">Why it was refused.</param>
public sealed record Decision<TEvent>(Outcome Outcome, ValueList<TEvent> Events, ValueList<FieldProblem> Problems);

/// <summary>Makes decisions.</summary>
public static class Decision
{
    public static Decision<TEvent> Created<TEvent>(params ReadOnlySpan<TEvent> events) => new(Outcome.Created, ValueList.Create(events), []);

    public static Decision<TEvent> Changed<TEvent>(params ReadOnlySpan<TEvent> events) => new(Outcome.Changed, ValueList.Create(events), []);

    public static Decision<TEvent> Deleted<TEvent>(params ReadOnlySpan<TEvent> events) => new(Outcome.Deleted, ValueList.Create(events), []);

    public static Decision<TEvent> Unchanged<TEvent>() => new(Outcome.Unchanged, [], []);

    public static Decision<TEvent> NotFound<TEvent>() => new(Outcome.NotFound, [], []);

    public static Decision<TEvent> MeshNotFound<TEvent>() => new(Outcome.MeshNotFound, [], []);

    public static Decision<TEvent> Refused<TEvent>(params ReadOnlySpan<FieldProblem> problems) => new(Outcome.Refused, [], ValueList.Create(problems));
}
