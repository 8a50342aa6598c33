using System.Text.Json.Nodes;
using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.History;

/// <summary>The history of one subject up to some event of its stream. Immutable: the next event gives another one.</summary>
public abstract class SubjectHistory
{
    /// <returns>The history after one more event of the stream, and what that did to the subject; null: it was about something else.</returns>
    /// <exception cref="UnreadableEventException">The event is not one of the stream's.</exception>
    public abstract (SubjectHistory Next, SubjectChange? Change) After(object happened);
}

/// <summary>What one event did to a subject.</summary>
public sealed class SubjectChange(object happened, Func<JsonNode?> before, Func<JsonNode?> after)
{
    /// <summary>In one line, for people.</summary>
    public string Description => EventWords.Of(happened);

    /// <summary>The values of the subject's document that differ. Found anew at each call, since most changes are passed over.</summary>
    public ValueList<FieldChange> Fields() => DocumentDiff.Of(before(), after());
}

/// <summary>Folds a stream by its own decider and looks at the part of the state that the subject is.</summary>
/// <param name="find">The subject in the state; null: it is not there.</param>
/// <param name="write">The subject's document, without secrets.</param>
/// <param name="concerns">Whether an event belongs to the history although it leaves the subject as it was.</param>
internal sealed class FoldedHistory<TState, TEvent, TSubject>(
    TState state,
    Func<TState, TEvent, TState> evolve,
    Func<TState, TSubject?> find,
    Func<TSubject, JsonNode> write,
    Func<TEvent, bool> concerns) : SubjectHistory
    where TEvent : class
    where TSubject : class
{
    public override (SubjectHistory Next, SubjectChange? Change) After(object happened)
    {
        if (happened is not TEvent e)
            throw new UnreadableEventException($"{happened?.GetType().Name} is no event of this stream");
        var next = evolve(state, e);
        var (before, after) = (find(state), find(next));
        var change = concerns(e) || !Equals(before, after) ? new SubjectChange(e, () => Document(before), () => Document(after)) : null;
        return (new FoldedHistory<TState, TEvent, TSubject>(next, evolve, find, write, concerns), change);
    }

    private JsonNode? Document(TSubject? subject) => subject is null ? null : write(subject);
}
