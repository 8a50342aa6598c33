using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Values;

public class MeshDurationTextTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("10s", 10)]
    [InlineData("1500ms", 1.5)]
    [InlineData("1m", 60)]
    [InlineData("24h", 86400)]
    [InlineData("24h0m0s", 86400)]
    [InlineData("1h30m", 5400)]
    [InlineData("1d", 86400)]
    [InlineData("2w", 1209600)]
    [InlineData("1y", 31536000)]
    [InlineData("10y", 315360000)]
    [InlineData("1y1w1d1h1m1s1ms", 32230861.001)]
    public void Durations_are_read_and_given_back_as_written(string text, double seconds)
    {
        Assert.True(MeshDurationText.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration.Value);
        Assert.Equal(text, duration.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1.5h")]
    [InlineData("1 d")]
    [InlineData(" 1d")]
    [InlineData("1D")]
    [InlineData("1us")]
    [InlineData("1m1h")]
    [InlineData("1h1h")]
    [InlineData("1h30")]
    [InlineData("1001y")]
    [InlineData("9999999999s")]
    [InlineData("١d")]
    public void Everything_else_is_refused(string? text) => Assert.False(MeshDurationText.TryParse(text, out _));
}
