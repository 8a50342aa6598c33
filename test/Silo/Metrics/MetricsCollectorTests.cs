using System.Diagnostics.Metrics;
using OrleansMesh.Silo.Metrics;

namespace OrleansMesh.Silo.Tests.Metrics;

public sealed class MetricsCollectorTests : IDisposable
{
    private readonly Meter _meter = new("OrleansMesh.Test");
    private readonly MetricsCollector _collector;

    public MetricsCollectorTests() => _collector = new(meter => meter == _meter);

    [Fact]
    public void A_counter_adds_up_by_its_labels_in_their_order()
    {
        var counter = _meter.CreateCounter<long>("xds.pushes", description: "Responses sent.");
        counter.Add(2, new KeyValuePair<string, object?>("type", "cluster"));
        counter.Add(3, new KeyValuePair<string, object?>("type", "cluster"));
        counter.Add(1, new KeyValuePair<string, object?>("variant", "delta"), new KeyValuePair<string, object?>("type", "cluster"));

        Assert.Equal(
            """
            # HELP orleansmesh_xds_pushes_total Responses sent.
            # TYPE orleansmesh_xds_pushes_total counter
            orleansmesh_xds_pushes_total{type="cluster"} 5
            orleansmesh_xds_pushes_total{type="cluster",variant="delta"} 1

            """,
            _collector.Write());
    }

    [Fact]
    public void An_up_down_counter_is_a_gauge_and_goes_down()
    {
        var connections = _meter.CreateUpDownCounter<long>("xds.connections");
        connections.Add(3);
        connections.Add(-1);

        Assert.Equal("# TYPE orleansmesh_xds_connections gauge\norleansmesh_xds_connections 2\n", _collector.Write());
    }

    [Fact]
    public void A_histogram_counts_each_observation_in_every_bucket_from_its_own_up()
    {
        var histogram = _meter.CreateHistogram(
            "append.duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in new[] { 0.05, 0.1, 0.5, 7 })
            histogram.Record(value, new KeyValuePair<string, object?>("store", "a"));

        Assert.Equal(
            """
            # TYPE orleansmesh_append_duration_seconds histogram
            orleansmesh_append_duration_seconds_bucket{store="a",le="0.1"} 2
            orleansmesh_append_duration_seconds_bucket{store="a",le="1"} 3
            orleansmesh_append_duration_seconds_bucket{store="a",le="+Inf"} 4
            orleansmesh_append_duration_seconds_sum{store="a"} 7.65
            orleansmesh_append_duration_seconds_count{store="a"} 4

            """,
            _collector.Write());
    }

    [Fact]
    public void An_observable_gauge_is_read_at_each_scrape_and_forgets_what_is_gone()
    {
        var present = new List<Measurement<int>> { new(1, new KeyValuePair<string, object?>("x", "a")), new(2, new KeyValuePair<string, object?>("x", "b")) };
        _meter.CreateObservableGauge("things", () => present);
        Assert.Contains("things{x=\"b\"} 2", _collector.Write(), StringComparison.Ordinal);

        present.RemoveAt(1);
        Assert.Equal("# TYPE orleansmesh_things gauge\norleansmesh_things{x=\"a\"} 1\n", _collector.Write());
    }

    [Fact]
    public void What_would_break_the_format_is_escaped()
    {
        _meter.CreateCounter<long>("odd.name-1", description: "back\\slash\nnewline").Add(
            1, new KeyValuePair<string, object?>("kuma.io/service", "a\"b\\c\nd"));

        Assert.Equal(
            "# HELP orleansmesh_odd_name_1_total back\\\\slash\\nnewline\n# TYPE orleansmesh_odd_name_1_total counter\n"
            + "orleansmesh_odd_name_1_total{kuma_io_service=\"a\\\"b\\\\c\\nd\"} 1\n",
            _collector.Write());
    }

    [Fact]
    public void Metrics_come_in_the_order_of_their_names_also_before_anything_was_measured()
    {
        _meter.CreateCounter<long>("b");
        _meter.CreateCounter<long>("a");

        Assert.Equal("# TYPE orleansmesh_a_total counter\n# TYPE orleansmesh_b_total counter\n", _collector.Write());
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_threads_count()
    {
        var counter = _meter.CreateCounter<int>("c");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
                counter.Add(1);
        })));

        Assert.EndsWith("orleansmesh_c_total 80000\n", _collector.Write(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }
}
