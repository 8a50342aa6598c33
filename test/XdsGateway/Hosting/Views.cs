using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>What the tests' proxies have to do: a backend, on port 8080, which may call other services.</summary>
internal static class Views
{
    public static readonly IdentityView Identity = new("ca-1", ["spiffe://default/backend"], TestAuthority.Pem, TimeSpan.FromDays(1), TestAuthority.Id);

    public static TagSet Tags(string service, string protocol = "http") => TagSet.Of((TagSet.ServiceTag, service), (TagSet.ProtocolTag, protocol));

    public static EndpointSelection Selection(string service) => new(service, TagSet.Empty);

    public static ProxyView Of(string proxy, params string[] calls) => new(
        new ProxyId("default", proxy), Identity, [Inbound(8080, Protocol.Http)],
        [.. calls.Select((service, i) => new OutboundView("127.0.0.1", 10_001 + i, Selection(service), Protocol.Http))]);

    public static InboundView Inbound(int port, Protocol protocol)
        => new("10.0.0.1", port, Tags("backend"), protocol, "127.0.0.1", port, Permission: null, RevocationEpoch: 0);

    /// <summary>The same, except that one service may call.</summary>
    public static ProxyView Allowing(this ProxyView view, string caller) => view with
    {
        Inbounds =
        [
            .. view.Inbounds.Select(i => i with
            {
                Permission = new GoverningPermission("permission-1", [new Selector(TagSet.Of((TagSet.ServiceTag, caller)))], []),
            }),
        ],
    };

    public static Endpoint Endpoint(string service, int port) => new("10.0.0.2", port, Tags(service), Ready: true);

    public static Dataplane Dataplane(string proxy, params TagSet[] inbounds) => new("default", proxy, new DataplaneNetworking(
        "10.0.0.1", [.. (inbounds.Length > 0 ? inbounds : [Tags("backend")]).Select((tags, i) => new Inbound(8080 + i, tags))], []));

    /// <summary>The Dataplane as a proxy brings it along.</summary>
    public static string DataplaneText(string proxy, string service = "backend") => $$$"""
        {"type": "Dataplane", "mesh": "default", "name": "{{{proxy}}}", "networking": {"address": "10.0.0.1",
         "inbound": [{"port": 8080, "tags": {"kuma.io/service": "{{{service}}}", "kuma.io/protocol": "http"}}]}}
        """;
}
