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
        var inbounds = view.Inbounds.SelectMany(inbound => ResourcesOf(view, inbound));
        // Several inbounds may lead to one port of the workload, and several outbounds to one destination.
        var workload = view.Inbounds.Select(LocalCluster.Of).DistinctBy(c => c.Name).Select(c => Encode(XdsType.Cluster, c.Name, c));
        var outbounds = view.Outbounds.Select(OutboundListener.Of).Select(l => Encode(XdsType.Listener, l.Name, l));
        var destinations = view.Outbounds.DistinctBy(o => o.Destination.Name).SelectMany(outbound => DestinationOf(view, outbound));
        return [.. TrustOf(view), .. inbounds, .. workload, .. outbounds, .. destinations];
    }

    private static IEnumerable<(string TypeUrl, EncodedResource Resource)> TrustOf(ProxyView view)
    {
        if (view.Identity is not { TrustBundle: { Length: > 0 } trusted })
            yield break;
        yield return (XdsType.Secret, SecretTranslation.TrustBundle(trusted));
        foreach (var inbound in SecretNames.OfCallers(view))
        {
            var callers = CallerTrust.Of(view.Proxy.Mesh, inbound, trusted);
            yield return Encode(XdsType.Secret, callers.Name, callers);
        }
    }

    private static IEnumerable<(string TypeUrl, EncodedResource Resource)> ResourcesOf(ProxyView view, InboundView inbound)
    {
        var mutualTls = view.Identity is not null;
        var listener = InboundListener.Of(view.Proxy.Mesh, inbound, view.Identity?.Mode);
        yield return Encode(XdsType.Listener, listener.Name, listener);
        if (!mutualTls)
            yield break;
        var permission = PermissionExtension.Of(view.Proxy.Mesh, inbound);
        yield return Encode(XdsType.Extension, permission.Name, permission);
    }

    private static IEnumerable<(string TypeUrl, EncodedResource Resource)> DestinationOf(ProxyView view, OutboundView outbound)
    {
        var cluster = DestinationCluster.Of(view.Proxy.Mesh, outbound, mutualTls: view.Identity is not null);
        yield return Encode(XdsType.Cluster, cluster.Name, cluster);
        if (!outbound.Protocol.IsHttp())
            yield break;
        var route = DestinationRoute.Of(outbound.Destination);
        yield return Encode(XdsType.Route, route.Name, route);
    }

    private static (string TypeUrl, EncodedResource Resource) Encode(string typeUrl, string name, IMessage message)
        => (typeUrl, ResourceEncoding.Encode(name, message));
}
