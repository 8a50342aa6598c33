using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Views;
using OrleansMesh.XdsGateway.Ads;

namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>What an xDS client says of itself in its first request.</summary>
/// <param name="DataplaneText">The Dataplane that it brings along; empty when it brings none.</param>
internal sealed record ProxyNode(ProxyId Proxy, string DataplaneText, ProxyAgent Agent)
{
    /// <summary>Null when the node's id is not <c>{mesh}.{name}</c>.</summary>
    public static ProxyNode? Of(Node? node, AdsVariant variant)
    {
        if (node is null || !NodeId.TryParse(node.Id, out var proxy))
            return null;
        return new ProxyNode(
            proxy,
            Text(node.Metadata, "dataplane.resource"),
            new ProxyAgent(EnvoyVersion(node), Text(node.Metadata, "version", "kumaDp", "version"), variant == AdsVariant.Delta ? "delta" : "sotw"));
    }

    private static string EnvoyVersion(Node node)
    {
        if (node.UserAgentBuildVersion?.Version is { } version)
            return $"{version.MajorNumber}.{version.MinorNumber}.{version.Patch}";
        return Text(node.Metadata, "version", "envoy", "version");
    }

    private static string Text(Struct? metadata, params ReadOnlySpan<string> path)
    {
        for (var i = 0; metadata is not null && i < path.Length; i++)
        {
            if (!metadata.Fields.TryGetValue(path[i], out var value))
                return "";
            if (i == path.Length - 1)
                return value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : "";
            metadata = value.StructValue;
        }

        return "";
    }
}
