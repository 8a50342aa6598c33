using OrleansMesh.Silo.Hosting;

namespace OrleansMesh.Silo.Tests.Hosting;

public sealed class QuietAfterBurstTests
{
    private const long Mega = 1024 * 1024;

    [Fact]
    public void It_comes_once_after_each_burst_when_nothing_has_happened_for_a_minute()
    {
        var quiet = new QuietAfterBurst(0, 40 * Mega);
        Assert.False(quiet.HasCome(500 * Mega, 200 * Mega));
        for (var look = 1; look < QuietAfterBurst.QuietLooks; look++)
            Assert.False(quiet.HasCome((500 + look) * Mega, 200 * Mega));
        Assert.True(quiet.HasCome(512 * Mega, 200 * Mega));
        quiet.Compacted(512 * Mega, 160 * Mega);
        for (var look = 0; look < 50; look++)
            Assert.False(quiet.HasCome((512 + (look / 2)) * Mega, 161 * Mega));

        Assert.False(quiet.HasCome(700 * Mega, 230 * Mega));
        for (var look = 1; look < QuietAfterBurst.QuietLooks; look++)
            Assert.False(quiet.HasCome(700 * Mega, 230 * Mega));
        Assert.True(quiet.HasCome(700 * Mega, 230 * Mega));
    }

    [Fact]
    public void What_follows_from_a_burst_puts_it_off()
    {
        var quiet = new QuietAfterBurst(0, 40 * Mega);
        Assert.False(quiet.HasCome(500 * Mega, 200 * Mega));
        for (var look = 1; look < QuietAfterBurst.QuietLooks; look++)
            Assert.False(quiet.HasCome(500 * Mega, 200 * Mega));
        Assert.False(quiet.HasCome(507 * Mega, 205 * Mega));
        for (var look = 1; look < QuietAfterBurst.QuietLooks; look++)
            Assert.False(quiet.HasCome(507 * Mega, 205 * Mega));
        Assert.True(quiet.HasCome(507 * Mega, 205 * Mega));
    }

    [Fact]
    public void It_does_not_come_while_something_happens()
    {
        var quiet = new QuietAfterBurst(0, 40 * Mega);
        for (var look = 1; look < 50; look++)
            Assert.False(quiet.HasCome(look * 10 * Mega, 400 * Mega));
    }

    [Fact]
    public void It_does_not_come_when_there_is_little_to_gain()
    {
        var quiet = new QuietAfterBurst(0, 40 * Mega);
        Assert.False(quiet.HasCome(500 * Mega, 60 * Mega));
        for (var look = 0; look < 50; look++)
            Assert.False(quiet.HasCome(500 * Mega, 60 * Mega));
    }
}
