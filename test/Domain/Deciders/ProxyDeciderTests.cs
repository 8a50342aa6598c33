using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class ProxyDeciderTests
{
    private static readonly ProxyAgent Agent = new("1.40.0", "2.14.3", "delta");
    private static readonly Dataplane Web = Dataplane("web-1", [Inbound(80, "web")]);
    private ProxyState _state = ProxyState.Empty;

    [Fact]
    public void A_proxy_without_any_dataplane_is_refused()
        => Assert.Equal(Outcome.Refused, Do(new ConnectProxy("s1", null, Agent)).Outcome);

    [Fact]
    public void A_presented_dataplane_serves_from_when_its_proxy_listens_until_it_stays_away()
    {
        Do(new ConnectProxy("s1", Web, Agent));
        Assert.Empty(Offered("web"));
        Do(new ReportListening("s1"));
        Assert.Equal([80], Offered("web"));

        Do(new DisconnectProxy("s1"));
        Assert.Equal([80], Offered("web"));
        Assert.Equal([new DataplaneDeleted("its proxy is gone")], Do(new EndGracePeriod(null)).Events);
        Assert.Empty(Offered("web"));
    }

    [Fact]
    public void A_quarantined_proxy_is_disconnected_offers_nothing_and_may_not_connect_until_it_is_lifted()
    {
        Do(new ConnectProxy("s1", Web, Agent));
        Do(new ReportListening("s1"));
        Assert.Equal([new ProxyDisconnected("s1"), new ProxyQuarantined()], Do(new FollowQuarantine(true)).Events);
        Assert.Empty(Offered("web"));
        Assert.Equal(Outcome.Unchanged, Do(new FollowQuarantine(true)).Outcome);
        Assert.Equal(Outcome.Refused, Do(new ConnectProxy("s2", Web, Agent)).Outcome);

        // It is about the name: neither another Dataplane nor one that the API makes changes it.
        Do(new DeleteDataplane());
        Do(new ApplyDataplane(Web));
        Assert.Empty(Offered("web"));
        Assert.Equal(Outcome.Refused, Do(new ConnectProxy("s2", null, Agent)).Outcome);

        Assert.Equal([new ProxyQuarantineLifted()], Do(new FollowQuarantine(false)).Events);
        Assert.Equal([80], Offered("web"));
        Assert.Equal(Outcome.Changed, Do(new ConnectProxy("s3", null, Agent)).Outcome);
    }

    [Fact]
    public void A_proxy_that_returns_in_time_keeps_serving()
    {
        Do(new ConnectProxy("s1", Web, Agent));
        Do(new ReportListening("s1"));
        Do(new DisconnectProxy("s1"));
        Assert.Equal([new ProxyConnected("s2", Agent)], Do(new ConnectProxy("s2", Web, Agent)).Events);
        Assert.Equal([80], Offered("web"));
        Assert.Equal(Outcome.Unchanged, Do(new EndGracePeriod(null)).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ReportListening("s2")).Outcome);
    }

    [Fact]
    public void A_session_that_a_crash_ended_is_recorded_as_ended()
    {
        Do(new ConnectProxy("s1", Web, Agent));
        Assert.Equal([new ProxyDisconnected("s1"), new DataplaneDeleted("its proxy is gone")], Do(new EndGracePeriod("s1")).Events);
    }

    [Fact]
    public void A_dataplane_of_the_api_serves_at_once_and_stays()
    {
        Assert.Equal(Outcome.Created, Do(new ApplyDataplane(Web)).Outcome);
        Assert.Equal([80], Offered("web"));
        Do(new ConnectProxy("s1", Dataplane("web-1", [Inbound(81, "web")]), Agent));
        Assert.Equal(DataplaneOrigin.Api, _state.Origin);
        Assert.Equal([81], Offered("web"));
        Do(new DisconnectProxy("s1"));
        Assert.Equal(Outcome.Unchanged, Do(new EndGracePeriod(null)).Outcome);
        Assert.Equal([81], Offered("web"));
    }

    [Fact]
    public void The_api_takes_over_a_dataplane_that_a_proxy_presented()
    {
        Do(new ConnectProxy("s1", Web, Agent));
        Assert.Equal(Outcome.Changed, Do(new ApplyDataplane(Web)).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ApplyDataplane(Web)).Outcome);
        Assert.False(_state.IsEphemeral);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_proxy_that_announced_its_leave_serves_again_when_it_connects_anew_and_listens(bool ofTheApi)
    {
        if (ofTheApi)
            Do(new ApplyDataplane(Web));
        Do(new ConnectProxy("s1", Web, Agent));
        Do(new ReportListening("s1"));
        Assert.Equal(Outcome.Changed, Do(new AnnounceLeave()).Outcome);
        Assert.Empty(Offered("web"));
        Assert.Equal(Outcome.Unchanged, Do(new AnnounceLeave()).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ReportListening("s1")).Outcome);

        Do(new ConnectProxy("s2", Web, Agent));
        Do(new ReportListening("s2"));
        Assert.Equal([80], Offered("web"));
    }

    [Fact]
    public void Services_that_a_proxy_is_no_longer_part_of_are_withdrawn_from()
    {
        Do(new ApplyDataplane(Dataplane("web-1", [Inbound(80, "web"), Inbound(81, "admin")])));
        Do(new ApplyDataplane(Dataplane("web-1", [Inbound(80, "web"), Inbound(82, "api")])));
        Assert.Equal(["admin", "api", "web"], OfferedEndpoints.Of(_state).Select(o => o.Service));
        Assert.Empty(Offered("admin"));
        Do(new DeleteDataplane());
        Assert.All(OfferedEndpoints.Of(_state), offered => Assert.Empty(offered.Endpoints));
    }

    [Fact]
    public void Endpoints_are_where_others_reach_the_proxy()
    {
        var inbound = Inbound(80, "web") with { Address = "10.0.0.2" };
        Do(new ApplyDataplane(Dataplane("web-1", [inbound, Inbound(81, "web") with { Health = new InboundHealth(false) }])));
        Assert.Equal([("10.0.0.2", true), ("10.0.0.1", false)], OfferedEndpoints.Of(_state).Single().Endpoints.Select(e => (e.Address, e.Ready)));

        Do(new ApplyDataplane(Web with { Networking = Web.Networking with { AdvertisedAddress = "192.0.2.1" } }));
        Assert.Equal("192.0.2.1", OfferedEndpoints.Of(_state).Single().Endpoints.Single().Address);
    }

    [Fact]
    public void Only_the_present_session_is_listened_to()
    {
        Do(new ConnectProxy("s1", Web, Agent));
        Do(new ConnectProxy("s2", Web, Agent));
        var rejection = new ConfigurationRejection("type", ["resource"], "no");
        Assert.Equal(Outcome.Unchanged, Do(new ReportListening("s1")).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ReportRejected("s1", rejection)).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new DisconnectProxy("s1")).Outcome);
        Assert.Equal(Outcome.Changed, Do(new ReportRejected("s2", rejection)).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ReportRejected("s2", rejection)).Outcome);
        Assert.Equal([rejection], _state.Rejections);
        Assert.Equal(Outcome.Changed, Do(new ReportAccepted("s2", "type")).Outcome);
        Assert.Equal(Outcome.Unchanged, Do(new ReportAccepted("s2", "type")).Outcome);
        Assert.Empty(_state.Rejections);
    }

    [Fact]
    public void Deleting_ends_the_session_and_forgets_the_certificate()
    {
        Do(new ConnectProxy("s1", Web, Agent));
        Do(new RecordCertificate("s1", new CertificateRecord("01", "ca-1", "a", [], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)));
        Assert.NotNull(_state.Certificate);
        Assert.Equal([new ProxyDisconnected("s1"), new DataplaneDeleted("deleted by the API")], Do(new DeleteDataplane()).Events);
        Assert.Null(_state.Certificate);
        Assert.Equal(Outcome.NotFound, Do(new DeleteDataplane()).Outcome);
    }

    private IEnumerable<int> Offered(string service) => OfferedEndpoints.Of(_state).Single(o => o.Service == service).Endpoints.Select(e => e.Port);

    private Decision<ProxyEvent> Do(ProxyCommand command)
    {
        var decision = ProxyDecider.Decide(command, _state);
        _state = decision.Events.Aggregate(_state, ProxyDecider.Evolve);
        return decision;
    }
}
