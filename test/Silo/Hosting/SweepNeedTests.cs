using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Tests.Hosting;

public sealed class SweepNeedTests
{
    [Fact]
    public void After_a_sweep_that_left_nothing_undone_the_next_is_needed_when_the_log_says_more()
    {
        var need = new SweepNeed(always: false);
        Assert.True(need.MayFindSomething(0));
        need.Swept(0, leftNothing: true);
        Assert.False(need.MayFindSomething(0));
        Assert.True(need.MayFindSomething(7));
        need.Swept(7, leftNothing: true);
        Assert.False(need.MayFindSomething(7));
    }

    [Fact]
    public void What_was_left_undone_is_tried_again()
    {
        var need = new SweepNeed(always: false);
        need.Swept(7, leftNothing: false);
        Assert.True(need.MayFindSomething(7));
        need.Swept(7, leftNothing: true);
        Assert.False(need.MayFindSomething(7));
    }

    [Fact]
    public void Whoever_takes_over_the_sweeps_begins_with_one()
    {
        var need = new SweepNeed(always: false);
        need.Swept(7, leftNothing: true);
        need.Forget();
        Assert.True(need.MayFindSomething(7));
    }

    [Fact]
    public void Where_something_may_be_lost_in_silence_each_is_needed()
    {
        var need = new SweepNeed(always: true);
        need.Swept(7, leftNothing: true);
        Assert.True(need.MayFindSomething(7));
    }
}
