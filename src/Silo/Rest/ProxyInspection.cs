using System.Text.Json.Nodes;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Rest;

/// <summary>What one proxy does and why: its view, computed from the index by the same functions as its grain's, and what came of it.</summary>
internal static class ProxyInspection
{
    public static JsonObject Write(IndexedMesh mesh, Dataplane dataplane, IndexedProxy proxy)
    {
        var permissions = PermissionIndex.Of(mesh.State.Permissions);
        var view = ProxyViews.Compute(
            dataplane,
            mesh.State.SigningBackend,
            [.. dataplane.Networking.Inbound.Select(i => permissions.Govern(i.Tags))],
            service => mesh.Services.GetValueOrDefault(service)?.State.Protocol ?? Protocol.Tcp,
            mesh.State.Trust.ToView(),
            proxy.State.TcpSources,
            mesh.State.QuarantinedProxies);
        return new JsonObject
        {
            ["mesh"] = dataplane.Mesh,
            ["name"] = dataplane.Name,
            ["status"] = proxy.IsOnline ? "online" : "offline",
            ["quarantine"] = QuarantineDocument.Of(mesh, dataplane.Name),
            ["connection"] = proxy.IsOnline ? Connection(proxy.Subscription!) : null,
            ["identity"] = view.Identity is { } identity
                ? new JsonObject { ["backend"] = identity.Backend, ["uris"] = ApiJson.Array(identity.Uris) }
                : null,
            ["certificate"] = proxy.State.Certificate is { } certificate ? Certificate(certificate) : null,
            ["certificateFailure"] = CertificateFailureDocument.Of(proxy),
            ["inbounds"] = ApiJson.Array(view.Inbounds.Select(i => Inbound(i, view.Identity?.Mode))),
            ["outbounds"] = ApiJson.Array(view.Outbounds.Select(o => Outbound(o, mesh))),
            ["rejections"] = ApiJson.Array(proxy.State.Rejections.Select(r => Rejection(r, proxy.RejectedSince[r.TypeUrl]))),
        };
    }

    private static JsonObject Connection(ProxySubscription subscription) => new()
    {
        ["since"] = ApiJson.Time(subscription.ConnectedAt),
        ["envoyVersion"] = subscription.Agent.EnvoyVersion,
        ["agentVersion"] = subscription.Agent.AgentVersion,
        ["variant"] = subscription.Agent.Variant,
    };

    private static JsonObject Certificate(CertificateRecord certificate) => new()
    {
        ["serial"] = certificate.Serial,
        ["backend"] = certificate.Backend,
        ["authorityId"] = certificate.AuthorityId,
        ["uris"] = ApiJson.Array(certificate.Uris),
        ["notBefore"] = ApiJson.Time(certificate.NotBefore),
        ["notAfter"] = ApiJson.Time(certificate.NotAfter),
    };

    private static JsonObject Inbound(InboundView inbound, MtlsMode? mode) => new JsonObject
    {
        ["address"] = inbound.Address,
        ["port"] = inbound.Port,
        ["service"] = inbound.Service,
        ["protocol"] = Name(inbound.Protocol),
        ["serviceAddress"] = inbound.ServiceAddress,
        ["servicePort"] = inbound.ServicePort,
        ["tags"] = Tags(inbound.Tags),
        ["mutualTls"] = mode is not null,
        ["permissive"] = mode is MtlsMode.Permissive,
        ["permission"] = inbound.Permission is { } permission
            ? new JsonObject
            {
                ["name"] = permission.Name,
                ["sources"] = ApiJson.Array(permission.Sources.Select(s => (JsonNode)new JsonObject { ["match"] = Tags(s.Match) })),
                ["overridden"] = ApiJson.Array(permission.Overridden),
                ["quarantined"] = ApiJson.Array(inbound.Quarantined),
            }
            : null,
    };

    private static JsonObject Outbound(OutboundView outbound, IndexedMesh mesh)
    {
        var all = (mesh.Services.GetValueOrDefault(outbound.Destination.Service)?.State ?? ServiceState.Empty).Endpoints;
        var wanted = new Selector(outbound.Destination.Tags);
        var selected = all.Where(e => wanted.Matches(e.Tags));
        return new JsonObject
        {
            ["address"] = outbound.Address,
            ["port"] = outbound.Port,
            ["service"] = outbound.Destination.Service,
            ["tags"] = Tags(outbound.Destination.Tags),
            ["protocol"] = Name(outbound.Protocol),
            ["endpoints"] = selected.Count(),
            ["endpointsReady"] = selected.Count(e => e.Ready),
        };
    }

    private static JsonObject Rejection(ConfigurationRejection rejection, DateTimeOffset since) => new JsonObject
    {
        ["type"] = rejection.TypeUrl,
        ["resources"] = ApiJson.Array(rejection.Resources),
        ["message"] = rejection.Message,
        ["since"] = ApiJson.Time(since),
    };

    private static JsonObject Tags(TagSet tags) => new(tags.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value)));

    private static string Name(Protocol protocol) => protocol switch
    {
        Protocol.Http => "http",
        Protocol.Http2 => "http2",
        Protocol.Grpc => "grpc",
        _ => "tcp",
    };
}
