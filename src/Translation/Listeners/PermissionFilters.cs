using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Extensions;

namespace OrleansMesh.Translation.Listeners;

/// <summary>The places of a listener where permissions are asked. What they say comes by ECDS; until it does, they deny everybody.</summary>
internal static class PermissionFilters
{
    public static HttpFilter Http(InboundView inbound)
        => new() { Name = ResourceNames.Permission(inbound), ConfigDiscovery = Discovery(PermissionExtension.HttpDenyAll()) };

    public static Filter Network(InboundView inbound)
        => new() { Name = ResourceNames.Permission(inbound), ConfigDiscovery = Discovery(PermissionExtension.NetworkDenyAll(inbound)) };

    private static ExtensionConfigSource Discovery(IMessage denyAll)
    {
        var config = Any.Pack(denyAll);
        return new ExtensionConfigSource { ConfigSource = AdsSource.Create(), DefaultConfig = config, TypeUrls = { config.TypeUrl } };
    }
}
