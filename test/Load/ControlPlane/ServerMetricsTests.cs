using OrleansMesh.Load.ControlPlane;

namespace OrleansMesh.Load.Tests.ControlPlane;

public sealed class ServerMetricsTests
{
    private const string Text = "# HELP waiting those who wait\n# TYPE waiting gauge\nwaiting{stage=\"a b\"} 3\nwaiting{stage=\"c\"} 4\nwaiting_long 100\nalone 1.5\n";

    [Theory]
    [InlineData("waiting", 7.0)]
    [InlineData("alone", 1.5)]
    [InlineData("absent", null)]
    public void A_metric_is_summed_over_its_labels(string name, double? sum) => Assert.Equal(sum, ServerMetrics.Sum(Text, name));
}
