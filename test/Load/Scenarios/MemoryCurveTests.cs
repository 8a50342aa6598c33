using OrleansMesh.Load.Scenarios;

namespace OrleansMesh.Load.Tests.Scenarios;

public sealed class MemoryCurveTests
{
    private static readonly TimeSpan Run = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(100, 109, true)]
    [InlineData(100, 112, false)]
    [InlineData(100, 50, true)]
    public void What_ends_more_than_a_tenth_above_where_it_settled_is_a_problem(long settled, long ended, bool passes)
    {
        // Neither the start, nor a peak between, nor one sample that stands out counts.
        var curve = Of(at => at.TotalSeconds switch { < 120 => 10, < 200 => settled, < 400 => 1000, 595 => 5000, _ => ended });
        Assert.Equal(passes, curve.Judge(Run).Problem is null);
    }

    [Fact]
    public void A_short_run_is_not_judged() => Assert.Null(Of(at => (long)at.TotalSeconds).Judge(TimeSpan.FromMinutes(4)).Problem);

    [Fact]
    public void Memory_that_cannot_be_seen_is_not_judged() => Assert.Null(new MemoryCurve().Judge(Run).Problem);

    private static MemoryCurve Of(Func<TimeSpan, long> bytes)
    {
        var curve = new MemoryCurve();
        for (var at = TimeSpan.Zero; at < Run; at += TimeSpan.FromSeconds(1))
        {
            Assert.True(curve.Add(at, bytes(at) * 1_000_000));
            Assert.False(curve.Add(at + TimeSpan.FromMilliseconds(500), 0));
        }

        return curve;
    }
}
