using OrleansMesh.Domain.Events;

namespace OrleansMesh.Domain.Tests.Deciders;

/// <summary>Makes a state of events.</summary>
internal static class Replay
{
    /// <summary>As the store would: each event by way of its JSON.</summary>
    public static TState Stored<TState, TEvent>(TState from, IEnumerable<TEvent> events, Func<TState, TEvent, TState> evolve)
        where TEvent : notnull
        => events.Select(EncodeAndDecode).Aggregate(from, evolve);

    private static TEvent EncodeAndDecode<TEvent>(TEvent happened)
        where TEvent : notnull
    {
        var (type, data) = EventCodec.Encode(happened);
        return (TEvent)EventCodec.Decode(type, data.Span);
    }
}
