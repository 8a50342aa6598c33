using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class TcpRevocationTests
{
    private static readonly Inbound Tcp = Inbound(5432, "db", "tcp");
    private ProxyState _state = ProxyState.Empty;
    private ValueList<string> _quarantined = [];

    [Fact]
    public void The_epoch_grows_when_and_only_when_somebody_loses_the_permission()
    {
        Assert.Equal(0, EpochAfter());
        Assert.Equal(0, EpochAfter("web"));
        Assert.Equal(0, EpochAfter("web", "api"));
        Assert.Equal(0, EpochAfter("*"));
        Assert.Equal(1, EpochAfter("web"));
        Assert.Equal(2, EpochAfter("api"));
        Assert.Equal(3, EpochAfter());
        Assert.Equal(3, EpochAfter());
        Assert.Equal(3, EpochAfter("web"));
    }

    [Fact]
    public void A_quarantine_takes_the_permission_from_somebody_and_lifting_it_from_nobody()
    {
        Assert.Equal(0, EpochAfter("web"));
        _quarantined = ["web-1"];
        Assert.Equal(1, EpochAfter("web"));
        Assert.Equal(1, EpochAfter("web"));
        _quarantined = ["web-1", "web-2"];
        Assert.Equal(2, EpochAfter("web"));
        _quarantined = ["web-2"];
        Assert.Equal(2, EpochAfter("web"));
        _quarantined = [];
        Assert.Equal(2, EpochAfter("web"));
    }

    [Fact]
    public void A_quarantine_takes_nothing_where_nobody_may_call()
    {
        Assert.Equal(0, EpochAfter());
        _quarantined = ["web-1"];
        Assert.Empty(TcpRevocation.Record(_state.TcpSources, InForce(SecureMesh.EnabledBackend, [Tcp])));
        Assert.Equal(0, EpochAfter("web"));
    }

    [Fact]
    public void Nothing_is_recorded_twice()
    {
        EpochAfter("web");
        _quarantined = ["web-1"];
        EpochAfter("web");
        Assert.Empty(TcpRevocation.Record(_state.TcpSources, InForce(SecureMesh.EnabledBackend, [Tcp], "web")));
    }

    [Fact]
    public void The_record_outlives_the_dataplane()
    {
        _state = ProxyDecider.Evolve(_state, new DataplaneCreated(Dataplane("db-1", [Tcp]), DataplaneOrigin.Proxy));
        EpochAfter("web");
        _state = ProxyDecider.Evolve(_state, new DataplaneDeleted(""));
        Assert.Equal(1, EpochAfter());
    }

    [Fact]
    public void Http_and_plain_inbounds_are_not_recorded()
    {
        Assert.Empty(InForce(SecureMesh.EnabledBackend, [Inbound(80, "web")], "web"));
        Assert.Empty(InForce(null, [Tcp], "web"));
    }

    [Fact]
    public void The_same_port_of_two_addresses_is_two_inbounds()
    {
        var inForce = InForce(SecureMesh.EnabledBackend, [Tcp, Tcp with { Address = "10.0.0.9" }], "web");
        Assert.Equal(2, TcpRevocation.Record([], inForce).Count());
    }

    private ValueList<InboundSources> InForce(CertificateAuthorityBackend? backend, Inbound[] inbounds, params string[] sources)
    {
        var permission = sources.Length == 0 ? null : new GoverningPermission("p", sources.Select(ForService).ToValueList(), []);
        return TcpRevocation.SourcesInForce(Dataplane("db-1", inbounds), backend, [.. inbounds.Select(_ => permission)], _quarantined);
    }

    private long EpochAfter(params string[] sources)
    {
        var command = new RecordTcpSources(InForce(SecureMesh.EnabledBackend, [Tcp], sources));
        _state = ProxyDecider.Decide(command, _state).Events.Aggregate(_state, ProxyDecider.Evolve);
        return _state.TcpSources.EpochOf(Tcp);
    }
}
