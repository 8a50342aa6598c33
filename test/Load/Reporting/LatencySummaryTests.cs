using OrleansMesh.Load.Reporting;

namespace OrleansMesh.Load.Tests.Reporting;

public sealed class LatencySummaryTests
{
    [Fact]
    public void A_percentile_is_the_nearest_rank()
    {
        var hundred = LatencySummary.Of(Enumerable.Range(1, 100).Reverse().Select(i => (double)i))!;
        Assert.Equal(new LatencySummary(100, 50, 99, 100), hundred);

        // Of 101 values 99 % are the first 100.
        Assert.Equal(new LatencySummary(101, 51, 100, 101), LatencySummary.Of(Enumerable.Range(1, 101).Select(i => (double)i)));
        Assert.Equal(new LatencySummary(1, 7, 7, 7), LatencySummary.Of([7]));
        Assert.Equal(new LatencySummary(2, 1, 9, 9), LatencySummary.Of([9, 1]));
    }

    [Fact]
    public void One_slow_receiver_in_fifty_is_seen_in_the_99th_percentile()
        => Assert.Equal(5000, LatencySummary.Of(Enumerable.Repeat(1.0, 49).Append(5000))!.P99);

    [Fact]
    public void Nothing_measured_is_no_figure() => Assert.Null(LatencySummary.Of([]));
}
