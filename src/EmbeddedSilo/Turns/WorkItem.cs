namespace OrleansMesh.EmbeddedSilo.Turns;

/// <summary>Something that a mailbox runs in its turns: a call, a tick of a timer, a step of an activation's life.</summary>
internal abstract class WorkItem
{
    /// <summary>The mailbox that runs this item; set when it starts.</summary>
    public Mailbox? Owner { get; set; }

    /// <summary>It may start while any other item runs, and before those that wait.</summary>
    public virtual bool AlwaysInterleave => false;

    /// <summary>It may start while only other read-only items run.</summary>
    public virtual bool ReadOnly => false;

    /// <summary>It counts as use of the grain.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>It was sent to the grain and not to this activation of it, so another activation can run it.</summary>
    public virtual bool Forwardable => true;

    /// <summary>Nobody waits for it any more.</summary>
    public virtual bool IsAbandoned => false;

    /// <summary>Runs the item on <paramref name="target"/>; called in a turn of its owner.</summary>
    public abstract Task Run(object target);

    /// <summary>Takes the outcome of <see cref="Run"/>; called once, on any thread, and never throws.</summary>
    public abstract void Complete(Task outcome);

    /// <summary>The item will never run.</summary>
    public abstract void Refuse(Exception reason);

    /// <summary>Tells a caller that was to wait for <paramref name="limit"/> at most, and has since before <paramref name="time"/> (of <see cref="Environment.TickCount64"/>), that no answer came.</summary>
    public virtual void ExpireIfSentBefore(long time, TimeSpan limit)
    {
    }
}
