using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer of one activation. It ends when it is disposed or the activation ends.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets when the timer fires next and how long it then waits; during a callback it takes effect when the callback has ended.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>When a grain timer fires, and how it mixes with calls.</summary>
public readonly struct GrainTimerCreationOptions()
{
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Time until the first callback; <see cref="Timeout.InfiniteTimeSpan"/> for not yet.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of one callback to the next; <see cref="Timeout.InfiniteTimeSpan"/> for only one.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a callback may run between the turns of a call; otherwise it takes its place in the queue like a call.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a callback counts as use of the grain, so that it is not collected as idle.</summary>
    public bool KeepAlive { get; init; }
}
