using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Routes;
using HttpConnectionManager = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OrleansMesh.Translation.Listeners;

/// <summary>How HTTP passes a sidecar: whole, unhurried, and with nothing in it that claims to come from the mesh and does not.</summary>
internal static class HttpConnections
{
    /// <summary>
    /// From other workloads, so their word about themselves counts for nothing. <c>x-forwarded-client-cert</c> is replaced by what the
    /// handshake proved: <c>URI=spiffe://{mesh}/{service}</c> of the caller comes before its <c>URI=kuma://…</c> ones. <c>x-envoy-*</c>
    /// headers are removed, since no address counts as internal; the peer's own address is appended to <c>x-forwarded-for</c>; and
    /// <c>x-forwarded-proto</c> says how this hop was made. The request id survives, as it is what ties a trace together.
    /// </summary>
    public static Filter Inbound(InboundView inbound, bool mutualTls)
    {
        var manager = Common(StatPrefixes.Of(inbound));
        manager.RouteConfig = LocalRoute.Of(inbound);
        manager.UseRemoteAddress = true;
        manager.InternalAddressConfig = new HttpConnectionManager.Types.InternalAddressConfig();
        manager.PreserveExternalRequestId = true;
        // Lets a WebSocket that came in HTTP/2 pass (RFC 8441).
        manager.Http2ProtocolOptions = new Http2ProtocolOptions { AllowConnect = true };
        if (mutualTls)
        {
            manager.ForwardClientCertDetails = HttpConnectionManager.Types.ForwardClientCertDetails.SanitizeSet;
            manager.SetCurrentClientCertDetails = new HttpConnectionManager.Types.SetCurrentClientCertDetails { Uri = true };
            manager.HttpFilters.Insert(0, PermissionFilters.Http(inbound));
        }

        return Filter(manager);
    }

    /// <summary>
    /// From the workload beside the proxy, which may set what it likes, except an identity: <c>x-forwarded-client-cert</c> is removed.
    /// Its own address says nothing and is not added to <c>x-forwarded-for</c>.
    /// </summary>
    public static Filter Outbound(OutboundView outbound)
    {
        var manager = Common(StatPrefixes.Of(outbound));
        manager.Rds = new Rds { RouteConfigName = ResourceNames.Destination(outbound.Destination), ConfigSource = AdsSource.Create() };
        manager.UseRemoteAddress = false;
        return Filter(manager);
    }

    private static HttpConnectionManager Common(string statPrefix) => new()
    {
        StatPrefix = statPrefix,
        CodecType = HttpConnectionManager.Types.CodecType.Auto,
        ForwardClientCertDetails = HttpConnectionManager.Types.ForwardClientCertDetails.Sanitize,
        // Old clients and many a reverse proxy still call in HTTP/1.0, to which Envoy would answer 426.
        HttpProtocolOptions = new Http1ProtocolOptions { AcceptHttp10 = true },
        // A stream may be silent for as long as its ends agree to (Envoy's own limit is five minutes).
        StreamIdleTimeout = new Duration(),
        // Paths pass as they were sent: nothing here is decided by path, and an application may sign them or tell '%2F' from '/'.
        NormalizePath = false,
        MergeSlashes = false,
        PathWithEscapedSlashesAction = HttpConnectionManager.Types.PathWithEscapedSlashesAction.KeepUnchanged,
        ServerHeaderTransformation = HttpConnectionManager.Types.ServerHeaderTransformation.PassThrough,
        UpgradeConfigs = { new HttpConnectionManager.Types.UpgradeConfig { UpgradeType = "websocket" } },
        HttpFilters = { new HttpFilter { Name = "envoy.filters.http.router", TypedConfig = Any.Pack(new Router()) } },
    };

    private static Filter Filter(HttpConnectionManager manager)
        => new() { Name = "envoy.filters.network.http_connection_manager", TypedConfig = Any.Pack(manager) };
}
