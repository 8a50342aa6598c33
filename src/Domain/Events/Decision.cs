using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Events;

/// <summary>What a decider made of a command.</summary>
public enum Verdict
{
    /// <summary>The resource comes to be.</summary>
    Created,

    /// <summary>The resource, or what is known of it, changes.</summary>
    Changed,

    /// <summary>Everything is already as the command wants it.</summary>
    Unchanged,

    /// <summary>The resource goes.</summary>
    Deleted,

    /// <summary>There is no such resource.</summary>
    NotFound,

    /// <summary>The mesh that the resource would be in does not exist.</summary>
    MeshNotFound,

    /// <summary>The command contradicts the present state.</summary>
    Refused,
}

/// <summary>A verdict and the events that make it so: none unless something is created, changed or deleted.</summary>
/// <param name="Problems">Why it was refused.</param>
public sealed record Decision<TEvent>(Verdict Verdict, ValueList<TEvent> Events, ValueList<FieldProblem> Problems);

/// <summary>Makes decisions.</summary>
public static class Decision
{
    public static Decision<TEvent> Created<TEvent>(params ReadOnlySpan<TEvent> events) => new(Verdict.Created, ValueList.Create(events), []);

    public static Decision<TEvent> Changed<TEvent>(params ReadOnlySpan<TEvent> events) => new(Verdict.Changed, ValueList.Create(events), []);

    public static Decision<TEvent> Deleted<TEvent>(params ReadOnlySpan<TEvent> events) => new(Verdict.Deleted, ValueList.Create(events), []);

    public static Decision<TEvent> Unchanged<TEvent>() => new(Verdict.Unchanged, [], []);

    public static Decision<TEvent> NotFound<TEvent>() => new(Verdict.NotFound, [], []);

    public static Decision<TEvent> MeshNotFound<TEvent>() => new(Verdict.MeshNotFound, [], []);

    public static Decision<TEvent> Refused<TEvent>(params ReadOnlySpan<FieldProblem> problems) => new(Verdict.Refused, [], ValueList.Create(problems));
}
