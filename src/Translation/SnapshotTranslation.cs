using Google.Protobuf;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Clusters;
using OrleansMesh.Translation.Extensions;
using OrleansMesh.Translation.Listeners;
using OrleansMesh.Translation.Routes;
using OrleansMesh.Translation.Secrets;

namespace OrleansMesh.Translation;

/// <summary>Turns what a proxy has to do into what Envoy is told.</summary>
public static class SnapshotTranslation
{
    /// <summary>
    /// The proxy's listeners, routes, clusters, permissions and, with mutual TLS, the trust bundle (left out while there is none to trust:
    /// the proxy then keeps the one that it has, and one that has none serves nothing). Equal views give equal bytes.
    /// </summary>
    /// <exception cref="ArgumentException">Two inbounds, or two outbounds, share an address and port.</exception>
    public static ProxySnapshot Translate(ProxyView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new ProxySnapshot([.. ResourcesOf(view)]);
    }

    private static IEnumerable<(string TypeUrl, EncodedResource Resource)> ResourcesOf(ProxyView view)
    {
        var mesh = view.Proxy.Mesh;
        var mutualTls = view.Identity is not null;

        if (view.Identity is { TrustBundle.Length: > 0 } identity)
            yield return (XdsType.Secret, SecretTranslation.TrustBundle(identity.TrustBundle));

        foreach (var inbound in view.Inbounds)
        {
            var listener = InboundListener.Of(mesh, inbound, mutualTls);
            yield return Encode(XdsType.Listener, listener.Name, listener);
            if (!mutualTls)
                continue;
            var permission = PermissionExtension.Of(mesh, inbound);
            yield return Encode(XdsType.Extension, permission.Name, permission);
        }

        // Several inbounds may lead to one port of the workload, and several outbounds to one destination.
        foreach (var cluster in view.Inbounds.Select(LocalCluster.Of).DistinctBy(c => c.Name))
            yield return Encode(XdsType.Cluster, cluster.Name, cluster);

        foreach (var outbound in view.Outbounds)
        {
            var listener = OutboundListener.Of(outbound);
            yield return Encode(XdsType.Listener, listener.Name, listener);
        }

        foreach (var outbound in view.Outbounds.DistinctBy(o => o.Destination.Name))
        {
            var cluster = DestinationCluster.Of(mesh, outbound, mutualTls);
            yield return Encode(XdsType.Cluster, cluster.Name, cluster);
            if (!outbound.Protocol.IsHttp())
                continue;
            var route = DestinationRoute.Of(outbound.Destination);
            yield return Encode(XdsType.Route, route.Name, route);
        }
    }

    private static (string TypeUrl, EncodedResource Resource) Encode(string typeUrl, string name, IMessage message)
        => (typeUrl, ResourceEncoding.Encode(name, message));
}
