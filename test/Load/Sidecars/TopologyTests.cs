using OrleansMesh.Load.Sidecars;

namespace OrleansMesh.Load.Tests.Sidecars;

public sealed class TopologyTests
{
    [Fact]
    public void The_same_numbers_give_the_same_topology()
        => Assert.Equal(
            new Topology("m", 50, 20, 6).Proxies.Select(p => p.Dataplane),
            new Topology("m", 50, 20, 6).Proxies.Select(p => p.Dataplane));

    [Fact]
    public void Every_proxy_calls_the_hot_service_and_as_many_others_as_were_asked_for()
    {
        var topology = new Topology("m", 2000, 1000, 20);
        Assert.All(topology.Proxies, p =>
        {
            Assert.Equal(20, p.Outbounds.Select(o => o.Service).Distinct().Count());
            Assert.Equal(20, p.Outbounds.Select(o => o.Port).Distinct().Count());
            Assert.Contains(topology.Hot, p.Outbounds.Select(o => o.Service));
        });
    }

    /// <summary>"38 call" it: the table of targets was measured so.</summary>
    [Fact]
    public void Every_other_service_is_called_by_about_as_many_proxies()
    {
        var topology = new Topology("m", 2000, 1000, 20);
        var callers = topology.Proxies.SelectMany(p => p.Outbounds).Where(o => o.Service != topology.Hot).CountBy(o => o.Service).ToDictionary();
        Assert.Equal(999, callers.Count);
        Assert.All(callers.Values, count => Assert.InRange(count, 38, 40));
        Assert.InRange(callers[topology.Cold], 38, 40);
    }

    /// <summary>"400 at 10,000": the table of targets.</summary>
    [Theory]
    [InlineData(10_000, 400)]
    [InlineData(2000, 38)]
    [InlineData(2000, 2000)]
    public void The_cold_service_has_as_many_callers_as_are_asked_for(int proxies, int asked)
    {
        var topology = new Topology("m", proxies, 1000, 20, asked);
        var callers = topology.Proxies.Count(p => p.Outbounds.Any(o => o.Service == topology.Cold));
        Assert.InRange(callers, asked, asked + (proxies / 1000));
        Assert.All(topology.Proxies, p => Assert.Equal(20, p.Outbounds.Select(o => o.Service).Distinct().Count()));
    }

    [Fact]
    public void The_cold_service_has_a_replica_also_where_there_are_fewer_proxies_than_services()
    {
        var topology = new Topology("m", 30, 1000, 20);
        Assert.Contains(topology.Proxies, p => p.Service == topology.Cold);
        Assert.NotEqual(topology.Hot, topology.Cold);
    }

    [Fact]
    public void Replicas_are_spread_evenly_and_no_name_or_address_is_given_twice()
    {
        var topology = new Topology("m", 1000, 300, 5);
        var all = topology.Proxies.Concat(Enumerable.Range(0, 200).Select(i => topology.Replacement(topology.Proxies[i], i)))
            .Concat(Enumerable.Range(200, 200).Select(topology.Newcomer)).ToArray();
        Assert.Equal(all.Length, all.Select(p => p.Name).Distinct().Count());
        Assert.Equal(all.Length, all.Select(p => p.Address).Distinct().Count());
        Assert.All(topology.Proxies.CountBy(p => p.Service), count => Assert.InRange(count.Value, 3, 4));
        Assert.Equal(topology.Proxies[7].Service, topology.Replacement(topology.Proxies[7], 0).Service);
    }

    [Theory]
    [InlineData(0, 10, 5, "--proxies")]
    [InlineData(10, 1, 1, "--services")]
    [InlineData(10, 10, 11, "--outbounds")]
    [InlineData(10, 10, 0, "--outbounds")]
    [InlineData(10, 10, 5, "--cold-callers", 11)]
    [InlineData(10, 10, 1, "--cold-callers", 5)]
    public void Numbers_that_allow_no_topology_are_refused_by_name(int proxies, int services, int outbounds, string named, int? coldCallers = null)
        => Assert.Contains(named, Assert.Throws<ArgumentException>(() => new Topology("m", proxies, services, outbounds, coldCallers)).Message, StringComparison.Ordinal);
}
