using System.Xml.Linq;
using OrleansMesh.Curve;

namespace OrleansMesh.Load.Tests.Curve;

/// <summary>The picture and the tables follow from the results alone.</summary>
public sealed class CurveChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_same_results_give_the_same_picture() => Assert.Equal(CurveChart.Draw([Run(2000, 3), Run(500, 2)]), CurveChart.Draw([Run(2000, 3), Run(500, 2)]));

    [Fact]
    public void Every_measured_value_is_a_point()
    {
        var picture = XDocument.Parse(CurveChart.Draw([Run(500, 2), Run(2000, 7.5)]));
        var tips = picture.Descendants(Svg + "title").Select(t => t.Value).ToArray();
        Assert.Contains("storm: 7.5 at 2,000", tips);
        Assert.Contains("storm: 2 at 500", tips);
        // 0.08 s of CPU for each of two changes, which reached 38 each.
        Assert.Contains("cold service: 40 at 38", tips);
        Assert.Equal(6, picture.Descendants(Svg + "rect").Count());
    }

    [Fact]
    public void A_target_that_is_missed_is_told_from_one_that_is_met()
    {
        Assert.Contains("| ≤ 10 s | 7.5 s |", MeasuredTables.Of([Run(2000, 7.5)], null), StringComparison.Ordinal);
        Assert.Contains("| ≤ 10 s | **12 s** |", MeasuredTables.Of([Run(2000, 12)], null), StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_take_the_place_of_the_earlier_ones()
    {
        const string Text = "before\n<!-- measured: what follows is made by bench/Curve -->\nearlier figures\n<!-- measured: end -->\nafter\n";
        var once = MeasuredTables.InsertInto(Text, [Run(2000, 7.5)], null);
        Assert.StartsWith("before\n", once, StringComparison.Ordinal);
        Assert.EndsWith("<!-- measured: end -->\nafter\n", once, StringComparison.Ordinal);
        Assert.DoesNotContain("earlier figures", once, StringComparison.Ordinal);
        Assert.Equal(once, MeasuredTables.InsertInto(once, [Run(2000, 7.5)], null));
        Assert.Throws<InvalidDataException>(() => MeasuredTables.InsertInto("no place", [], null));
    }

    private static Run Run(int proxies, double seconds) => OrleansMesh.Curve.Run.Read($$"""
        {"at": "2026-11-25T00:00:00+00:00", "command": "load", "machine": {"processors": 2, "memoryBytes": 24000000000, "os": "Linux", "dotnet": "10.0.0"},
         "proxies": {{proxies}}, "services": 1000, "outbounds": 20, "rounds": 2, "passed": true, "scenarios": [
          {"name": "storm", "changes": 0, "receivers": 2000, "seconds": 99, "allAfterSeconds": {{seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)}}, "serverCpuSeconds": 8,
           "serverResidentBytes": 400000000, "serverPeakResidentBytes": 500000000, "loadCpuSeconds": 1, "messages": 1, "resentResources": 0, "disconnects": 0, "note": ""},
          {"name": "cold endpoint added", "changes": 2, "receivers": 76, "p50Milliseconds": 3, "p99Milliseconds": 7, "maxMilliseconds": 8, "seconds": 1, "serverCpuSeconds": 0.08,
           "serverCpuSecondsPerChange": 0.04, "loadCpuSeconds": 1, "messages": 1, "resentResources": 0, "disconnects": 0, "note": ""}]}
        """);
}
