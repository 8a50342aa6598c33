using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class ServiceDeciderTests
{
    private ServiceState _state = ServiceState.Empty;

    [Fact]
    public void Endpoints_are_in_order_of_proxy_then_port()
    {
        Set("b", Endpoint(2), Endpoint(1));
        Set("a", Endpoint(9));
        Assert.Equal([9, 1, 2], _state.Endpoints.Select(e => e.Port));
    }

    [Fact]
    public void The_same_endpoints_in_another_order_change_nothing()
    {
        Set("a", Endpoint(1), Endpoint(2));
        Assert.Equal(Outcome.Unchanged, Set("a", Endpoint(2), Endpoint(1)).Outcome);
        Assert.Equal(Outcome.Unchanged, Set("b").Outcome);
        Assert.Equal(Outcome.Changed, Set("a", Endpoint(1), Endpoint(2) with { Ready = false }).Outcome);
    }

    [Theory]
    [InlineData("http", "http", Protocol.Http)]
    [InlineData("grpc", "grpc", Protocol.Grpc)]
    [InlineData("http2", "grpc", Protocol.Http)]
    [InlineData("http", "tcp", Protocol.Tcp)]
    public void A_service_speaks_what_all_its_endpoints_speak(string one, string other, Protocol common)
    {
        Set("a", Endpoint(1, one), Endpoint(2, one));
        Set("b", Endpoint(1, other));
        Assert.Equal(common, _state.Protocol);
    }

    [Fact]
    public void A_service_speaks_tcp_at_first_and_in_the_end_what_it_spoke_last()
    {
        Assert.Equal(Protocol.Tcp, _state.Protocol);
        Set("a", Endpoint(1, "grpc"));
        Set("b", Endpoint(1, "http"));
        Set("a");
        Assert.Equal(Protocol.Http, _state.Protocol);
        Set("b");
        Assert.Empty(_state.Endpoints);
        Assert.Equal(Protocol.Http, _state.Protocol);
    }

    private static Endpoint Endpoint(int port, string protocol = "http")
        => new("10.0.0.1", port, TagSet.Of((TagSet.ServiceTag, "web"), (TagSet.ProtocolTag, protocol)), Ready: true);

    private Decision<ServiceEvent> Set(string proxy, params Endpoint[] endpoints)
    {
        var decision = ServiceDecider.Decide(new SetEndpoints(proxy, [.. endpoints]), _state);
        _state = decision.Events.Aggregate(_state, ServiceDecider.Evolve);
        return decision;
    }
}
