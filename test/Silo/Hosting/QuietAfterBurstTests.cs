using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Tests.Hosting;

public sealed class QuietAfterBurstTests
{
    private const long Mega = 1024 * 1024;

    [Fact]
    public void It_comes_once_after_each_burst_when_nothing_has_happened_for_two_looks()
    {
        var quiet = new QuietAfterBurst(0, 40 * Mega);
        Assert.False(quiet.HasCome(500 * Mega, 200 * Mega));
        Assert.False(quiet.HasCome(501 * Mega, 200 * Mega));
        Assert.True(quiet.HasCome(502 * Mega, 200 * Mega));
        quiet.Compacted(502 * Mega, 160 * Mega);
        for (var look = 0; look < 10; look++)
            Assert.False(quiet.HasCome((502 + look) * Mega, 161 * Mega));

        Assert.False(quiet.HasCome(700 * Mega, 230 * Mega));
        Assert.False(quiet.HasCome(700 * Mega, 230 * Mega));
        Assert.True(quiet.HasCome(700 * Mega, 230 * Mega));
    }

    [Fact]
    public void It_does_not_come_while_something_happens()
    {
        var quiet = new QuietAfterBurst(0, 40 * Mega);
        for (var look = 1; look < 20; look++)
            Assert.False(quiet.HasCome(look * 10 * Mega, 400 * Mega));
    }

    [Fact]
    public void It_does_not_come_when_there_is_little_to_gain()
    {
        var quiet = new QuietAfterBurst(0, 40 * Mega);
        Assert.False(quiet.HasCome(500 * Mega, 60 * Mega));
        for (var look = 0; look < 10; look++)
            Assert.False(quiet.HasCome(500 * Mega, 60 * Mega));
    }
}
