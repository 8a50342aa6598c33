using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using static OrleansMesh.Domain.Tests.Deciders.Samples;

namespace OrleansMesh.Domain.Tests.Deciders;

public sealed class ProxyViewsTests
{
    private static readonly GoverningPermission Permission = new("p", [ForService("web")], []);

    [Fact]
    public void A_view_says_what_the_dataplane_leaves_to_convention()
    {
        var dataplane = Dataplane(
            "api-1",
            [Inbound(80, "api"), Inbound(81, "admin", "tcp") with { ServicePort = 9000, ServiceAddress = "10.0.0.7", Address = "10.0.0.8" }],
            Outbound(10001, "db"),
            new Outbound(10002, TagSet.Of((TagSet.ServiceTag, "cache"), ("version", "v2"))) { Address = "127.0.0.9" });
        var view = Compute(dataplane, SecureMesh.EnabledBackend, [Permission, null]);

        Assert.Equal(new ProxyId("default", "api-1"), view.Proxy);
        Assert.Equal(
            [
                "spiffe://default/admin", "spiffe://default/api",
                "kuma://kuma.io/protocol/http", "kuma://kuma.io/protocol/tcp", "kuma://kuma.io/service/admin", "kuma://kuma.io/service/api",
                "orleansmesh://default/api-1",
            ],
            view.Identity!.Uris);
        Assert.Equal(("ca-1", "bundle", TimeSpan.FromDays(1)), (view.Identity.Backend, view.Identity.TrustBundle, view.Identity.CertificateLifetime));
        Assert.Equal(
            [
                new InboundView("10.0.0.1", 80, dataplane.Networking.Inbound[0].Tags, Protocol.Http, "127.0.0.1", 80, Permission, 0),
                new InboundView("10.0.0.8", 81, dataplane.Networking.Inbound[1].Tags, Protocol.Tcp, "10.0.0.7", 9000, null, 7),
            ],
            view.Inbounds);
        Assert.Equal(
            [
                new OutboundView("127.0.0.1", 10001, new EndpointSelection("db", TagSet.Empty), Protocol.Tcp),
                new OutboundView("127.0.0.9", 10002, new EndpointSelection("cache", TagSet.Of(("version", "v2"))), Protocol.Http),
            ],
            view.Outbounds);
    }

    [Fact]
    public void Without_mutual_tls_there_is_no_identity_and_no_epoch()
    {
        var view = Compute(Dataplane("db-1", [Inbound(81, "db", "tcp") with { Address = "10.0.0.8" }]), null, [null]);
        Assert.Null(view.Identity);
        Assert.Equal(0, view.Inbounds[0].RevocationEpoch);
    }

    [Fact]
    public void The_same_inputs_give_an_equal_view()
    {
        Assert.Equal(Of(), Of());

        static ProxyView Of() => Compute(Dataplane("api-1", [Inbound(80, "api")], Outbound(1, "db")), SecureMesh.EnabledBackend, [Permission with { }]);
    }

    private static ProxyView Compute(Dataplane dataplane, CertificateAuthorityBackend? backend, GoverningPermission?[] permissions)
        => ProxyViews.Compute(
            dataplane,
            backend,
            permissions,
            service => service == "cache" ? Protocol.Http : Protocol.Tcp,
            new TrustView("ca-1", "aa", "bundle", "id"),
            [new TcpSourcesSet(81, [], 7, "10.0.0.8")],
            quarantined: []);
}
