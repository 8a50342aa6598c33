using Google.Protobuf;
using OrleansMesh.Load.Sidecars;
using OrleansMesh.Load.Tests.Xds;
using OrleansMesh.Load.Transport;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Tests.Sidecars;

public sealed class ChangeTests
{
    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.0.0.11", false)]
    [InlineData("110.0.0.1", false)]
    [InlineData("10.0.0.2", false)]
    public void An_address_is_found_in_what_holds_it_and_in_nothing_else(string present, bool found)
    {
        var endpoints = Discovery.Endpoints("a", present).ToByteArray();
        Assert.Equal(found, endpoints.AsSpan().IndexOf(Change.AddressMarker("10.0.0.1")) >= 0);
    }

    [Fact]
    public async Task A_change_that_nobody_is_to_get_is_delivered()
    {
        var change = new Change("nothing", [], [1], isWithdrawal: false);
        change.Start([]);
        await change.DeliveredAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(change.Waiting);
        Assert.Empty(change.Latencies);
    }

    /// <summary>Nothing had to reach it, so that it counts as no receiver; whether that can be, the scenario must say.</summary>
    [Fact]
    public async Task A_sidecar_that_has_it_already_is_told_apart()
    {
        var topology = new Topology("m", 1, 2, 1);
        var change = new Change("what is not there, and goes", [], [1], isWithdrawal: true);
        using var sidecar = new Sidecar(
            topology.Proxies[0], null, ServerAddress.Trusting("", "127.0.0.1", 1), Variant.Delta, new BodyCatalog());
        change.Start([sidecar]);
        await change.DeliveredAsync(TimeSpan.FromMinutes(1));
        Assert.Same(sidecar, Assert.Single(change.Early));
        Assert.Empty(change.Latencies);
    }
}
