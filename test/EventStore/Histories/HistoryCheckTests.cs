namespace OrleansMesh.EventStore.Tests.Histories;

/// <summary>The check finds each way in which a history can be wrong, and only those.</summary>
public sealed class HistoryCheckTests
{
    private static readonly Seen One = new(1, "a", 1, "one");
    private static readonly Seen Two = new(2, "a", 2, "two");
    private static readonly Seen Three = new(3, "b", 1, "three");

    private static readonly Attempt First = new(1, 4, [new Part("a", 0, ["one"])], new Outcome.Appended(1, 1));
    private static readonly Attempt Second = new(5, 8, [new Part("a", 1, ["two"]), new Part("b", 0, ["three"])], new Outcome.Appended(2, 3));

    private static readonly History Right = new(
        0,
        [First, Second, new Attempt(2, 7, [new Part("a", 0, ["never"])], new Outcome.Conflict("a", 1))],
        [new Look(2, 3, null, 0, []), new Look(2, 3, null, 0, [One]), new Look(6, 9, "a", 0, [One]), new Look(9, 10, "a", 1, [Two])],
        [new Followed(0, [(One, 3), (Two, 6), (Three, 9)]), new Followed(2, [(Three, 7)])],
        [One, Two, Three]);

    [Fact]
    public void A_history_that_is_right_has_no_violation() => Assert.Empty(HistoryCheck.Violations(Right));

    [Fact]
    public void An_append_of_unknown_outcome_may_be_there_or_not()
    {
        Assert.Empty(HistoryCheck.Violations(Right with { Attempts = [.. Right.Attempts.Select(a => a == Second ? a with { Outcome = new Outcome.Unknown() } : a)] }));
        Assert.Empty(HistoryCheck.Violations(With(new Attempt(1, 9, [new Part("c", 0, ["lost"])], new Outcome.Unknown()))));
    }

    public static TheoryData<string, History> Wrong => new()
    {
        { "in place of 2", Right with { Log = [One, Two with { Position = 3 }, Three with { Position = 4 }] } },
        { "has version 3 in place of 2", Right with { Log = [One, Two with { Version = 3 }, Three] } },
        { "twice", Right with { Log = [One, Two, Three, Three with { Position = 4, Version = 2 }] } },
        { "never appended", Right with { Log = [One, Two, Three, new Seen(4, "c", 1, "alien")] } },
        { "is not there", Right with { Log = [One] } },
        { "in place of", Right with { Log = [One, Two] } },
        { "was withdrawn, and is there", Right with { Attempts = [First with { Outcome = new Outcome.Withdrawn() }, Second] } },
        { "was refused, and is there", Right with { Attempts = [First, Second with { Outcome = new Outcome.Conflict("a", 2) }] } },
        { "expected stream a at 0, and was made at 1", Right with { Attempts = [First, Second with { Parts = [new Part("a", 0, ["two"]), new Part("b", 0, ["three"])] }] } },
        { "for a version that it expected", With(new Attempt(2, 3, [new Part("a", 1, ["x"])], new Outcome.Conflict("a", 1))) },
        { "that never was", With(new Attempt(9, 10, [new Part("a", 0, ["x"])], new Outcome.Conflict("a", 3))) },
        { "that was not yet", With(new Attempt(2, 3, [new Part("a", 0, ["x"])], new Outcome.Conflict("a", 2))) },
        { "that was no more", With(new Attempt(9, 10, [new Part("a", 0, ["x"])], new Outcome.Conflict("a", 1))) },
        { "before one with a lower position", Right with { Attempts = [First with { Asked = 9, Answered = 12 }, Second] } },
        { "missed two", Right with { Looks = [new Look(9, 10, null, 0, [One])] } },
        { "found what is not the log's", Right with { Looks = [new Look(9, 10, null, 0, [One, Three])] } },
        { "found what is not the log's", Right with { Looks = [new Look(9, 10, "a", 0, [Two, One])] } },
        { "before that was appended", Right with { Looks = [new Look(2, 3, null, 0, [One, Two])] } },
        { "was shown 1,3", Right with { Followers = [new Followed(0, [(One, 3), (Three, 9)])] } },
        { "was shown 1,3,2", Right with { Followers = [new Followed(0, [(One, 3), (Three, 9), (Two, 10)])] } },
        { "was shown 1,1,2,3", Right with { Followers = [new Followed(0, [(One, 3), (One, 4), (Two, 6), (Three, 9)])] } },
        { "was shown two before", Right with { Followers = [new Followed(0, [(One, 3), (Two, 4), (Three, 9)])] } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void A_history_that_is_wrong_is_found_out(string expected, History history)
        => Assert.Contains(HistoryCheck.Violations(history), violation => violation.Contains(expected, StringComparison.Ordinal));

    private static History With(Attempt attempt) => Right with { Attempts = [.. Right.Attempts, attempt] };
}
