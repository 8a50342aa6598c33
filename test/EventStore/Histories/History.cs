namespace OrleansMesh.EventStore.Tests.Histories;

/// <summary>An event as somebody saw it; <paramref name="Id"/> is unique in a history.</summary>
public readonly record struct Seen(long Position, string Stream, long Version, string Id);

/// <summary>What one append asked for, for one stream.</summary>
public sealed record Part(string Stream, long Expected, IReadOnlyList<string> Ids);

/// <summary>An append: when it was asked and answered, by one clock that never tells the same time twice, and what came of it.</summary>
public sealed record Attempt(long Asked, long Answered, IReadOnlyList<Part> Parts, Outcome Outcome);

/// <summary>What an append's caller was told.</summary>
public abstract record Outcome
{
    public sealed record Appended(long First, long Last) : Outcome;

    public sealed record Conflict(string Stream, long Actual) : Outcome;

    public sealed record Withdrawn : Outcome;

    /// <summary>The store was unavailable: all of it may be there, or nothing.</summary>
    public sealed record Unknown : Outcome;
}

/// <summary>A read of the whole log after a position, or, where <paramref name="Stream"/> is given, of a stream after a version.</summary>
public sealed record Look(long Asked, long Answered, string? Stream, long After, IReadOnlyList<Seen> Found);

/// <summary>What a follower was shown, in order, and when.</summary>
public sealed record Followed(long After, IReadOnlyList<(Seen Event, long At)> Shown);

/// <summary>What happened to a log, as its users saw it, and what it held at the end, after <paramref name="Start"/>.</summary>
public sealed record History(
    long Start, IReadOnlyList<Attempt> Attempts, IReadOnlyList<Look> Looks, IReadOnlyList<Followed> Followers, IReadOnlyList<Seen> Log);
