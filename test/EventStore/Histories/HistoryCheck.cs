namespace OrleansMesh.EventStore.Tests.Histories;

/// <summary>
/// Whether a history could have come of a store that keeps its promises: each append took effect at one moment between question and answer, in the
/// order of positions, and no reader was shown an event too late, too early, or not at all. Pure.
/// </summary>
/// <remarks>The log's own order is the order in which the appends must have taken effect, so there is nothing to search for.</remarks>
public static class HistoryCheck
{
    /// <summary>Everything that is wrong; empty for a history that is right.</summary>
    public static IReadOnlyList<string> Violations(History history) =>
    [
        .. OfLog(history), .. history.Attempts.SelectMany(attempt => OfAttempt(history, attempt)), .. OfOrder(history),
        .. history.Looks.SelectMany(look => OfLook(history, look)), .. history.Followers.SelectMany(followed => OfFollower(history, followed)),
    ];

    private static IEnumerable<string> OfLog(History history)
    {
        var versions = new Dictionary<string, long>();
        var owners = history.Attempts.SelectMany(static a => a.Parts).SelectMany(static p => p.Ids.Select(id => (id, p.Stream))).ToDictionary();
        var ids = new HashSet<string>();
        for (var i = 0; i < history.Log.Count; i++)
        {
            var found = history.Log[i];
            if (found.Position != history.Start + i + 1)
                yield return $"the log has position {found.Position} in place of {history.Start + i + 1}";
            var version = versions[found.Stream] = versions.GetValueOrDefault(found.Stream) + 1;
            if (found.Version != version)
                yield return $"stream {found.Stream} has version {found.Version} in place of {version}";
            if (!ids.Add(found.Id))
                yield return $"event {found.Id} is in the log twice";
            if (!owners.TryGetValue(found.Id, out var stream) || stream != found.Stream)
                yield return $"event {found.Id} of stream {found.Stream} was never appended to it";
        }
    }

    private static IEnumerable<string> OfAttempt(History history, Attempt attempt)
    {
        string[] ids = [.. attempt.Parts.SelectMany(static p => p.Ids)];
        var at = Enumerable.Range(0, history.Log.Count).Where(i => ids.Contains(history.Log[i].Id)).ToList();
        if (at.Count > 0)
        {
            Seen[] found = [.. at.Select(i => history.Log[i])];
            if (at[^1] - at[0] + 1 != at.Count || !found.Select(static e => e.Id).SequenceEqual(ids))
                yield return $"of the append of {string.Join(",", ids)} the log has {string.Join(",", found.Select(static e => e.Id))}, or with others between";
            foreach (var part in attempt.Parts)
            {
                if (found.FirstOrDefault(e => e.Stream == part.Stream).Version is var version && version != part.Expected + 1)
                    yield return $"the append of {ids[0]} expected stream {part.Stream} at {part.Expected}, and was made at {version - 1}";
            }
        }

        switch (attempt.Outcome)
        {
            case Outcome.Appended done when at.Count == 0 || history.Log[at[0]].Position != done.First || history.Log[at[^1]].Position != done.Last:
                yield return $"the append of {ids[0]} was acknowledged at {done.First} to {done.Last}, and is not there";
                break;
            case Outcome.Withdrawn when at.Count > 0:
                yield return $"the append of {ids[0]} was withdrawn, and is there";
                break;
            case Outcome.Conflict conflict:
                if (at.Count > 0)
                    yield return $"the append of {ids[0]} was refused, and is there";
                if (attempt.Parts.FirstOrDefault(p => p.Stream == conflict.Stream)?.Expected == conflict.Actual)
                    yield return $"the append of {ids[0]} was refused for a version that it expected";
                // The version that it was told must have been the stream's at some moment while it waited.
                if (conflict.Actual > 0 && AskedOf(history, conflict.Stream, conflict.Actual) is null)
                    yield return $"the append of {ids[0]} was told a version of {conflict.Stream} that never was";
                else if (conflict.Actual > 0 && AskedOf(history, conflict.Stream, conflict.Actual) > attempt.Answered)
                    yield return $"the append of {ids[0]} was told a version of {conflict.Stream} that was not yet";
                if (AnsweredOf(history, conflict.Stream, conflict.Actual + 1) < attempt.Asked)
                    yield return $"the append of {ids[0]} was told a version of {conflict.Stream} that was no more";
                break;
        }
    }

    private static IEnumerable<string> OfOrder(History history)
    {
        var done = history.Attempts.Where(static a => a.Outcome is Outcome.Appended).OrderBy(static a => ((Outcome.Appended)a.Outcome).First).ToList();
        var latestAsked = 0L;
        foreach (var attempt in done)
        {
            if (attempt.Answered < latestAsked)
                yield return $"the append of {attempt.Parts[0].Ids[0]} was answered before one with a lower position was asked for";
            latestAsked = Math.Max(latestAsked, attempt.Asked);
        }
    }

    private static IEnumerable<string> OfLook(History history, Look look)
    {
        var possible = look.Stream is { } name
            ? history.Log.Where(e => e.Stream == name && e.Version > look.After).ToList()
            : history.Log.Where(e => e.Position > look.After).ToList();
        var what = $"the read of {look.Stream ?? "the log"} after {look.After}";
        if (look.Found.Count > possible.Count || !look.Found.SequenceEqual(possible.Take(look.Found.Count)))
        {
            yield return $"{what} found what is not the log's: {string.Join(",", look.Found)}";
            yield break;
        }

        if (look.Found.Count < possible.Count && AnsweredOf(history, possible[look.Found.Count].Id) < look.Asked)
            yield return $"{what} missed {possible[look.Found.Count].Id}, which was acknowledged before it";
        if (look.Found is [.., var last] && AskedOf(history, last.Id) > look.Answered)
            yield return $"{what} found {last.Id} before that was appended";
    }

    private static IEnumerable<string> OfFollower(History history, Followed followed)
    {
        var expected = history.Log.Where(e => e.Position > followed.After).ToList();
        if (!followed.Shown.Select(static s => s.Event).SequenceEqual(expected))
        {
            yield return $"a follower after {followed.After} was shown {string.Join(",", followed.Shown.Select(static s => s.Event.Position))} "
                + $"in place of {string.Join(",", expected.Select(static e => e.Position))}";
        }

        foreach (var (shown, at) in followed.Shown)
        {
            if (AskedOf(history, shown.Id) > at)
                yield return $"a follower was shown {shown.Id} before that was appended";
        }
    }

    private static Attempt? Of(History history, string id) => history.Attempts.FirstOrDefault(a => a.Parts.Any(p => p.Ids.Contains(id)));

    private static long? AskedOf(History history, string id) => Of(history, id)?.Asked;

    /// <summary>Null where it was never acknowledged.</summary>
    private static long? AnsweredOf(History history, string id) => Of(history, id) is { Outcome: Outcome.Appended } attempt ? attempt.Answered : null;

    private static string? IdOf(History history, string stream, long version) =>
        history.Log.Where(e => e.Stream == stream && e.Version == version).Select(static e => e.Id).FirstOrDefault();

    private static long? AskedOf(History history, string stream, long version) =>
        IdOf(history, stream, version) is { } id ? AskedOf(history, id) : null;

    private static long? AnsweredOf(History history, string stream, long version) =>
        IdOf(history, stream, version) is { } id ? AnsweredOf(history, id) : null;
}
