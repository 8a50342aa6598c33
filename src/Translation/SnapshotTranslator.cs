using Google.Protobuf;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation.Clusters;
using OrleansMesh.Translation.Extensions;
using OrleansMesh.Translation.Listeners;
using OrleansMesh.Translation.Routes;
using OrleansMesh.Translation.Secrets;

namespace OrleansMesh.Translation;

/// <summary>
/// <see cref="SnapshotTranslation"/> for many proxies and one view after the other: what was translated already is not translated again. Of a
/// view that changed, only the parts that differ; and what is the same for many proxies (a destination and the listener that leads to it, the
/// trust bundle, a workload's port) once for all of them, for as long as one of them has it. The bytes are those of the whole translation.
/// Thread-safe.
/// </summary>
/// <param name="encoded">Is told the type of every resource that is encoded.</param>
public sealed class SnapshotTranslator(Action<string>? encoded = null)
{
    private readonly PartMemory<OutboundsSource, TranslatedPart> _outbounds = new();
    private readonly PartMemory<OutboundView, EncodedResource> _listeners = new();
    private readonly PartMemory<ClusterSource, EncodedResource> _clusters = new();
    private readonly PartMemory<EndpointSelection, EncodedResource> _routes = new();
    private readonly PartMemory<InboundView, TranslatedPart> _workloads = new();
    private readonly PartMemory<TrustSource, TranslatedPart> _trust = new();

    /// <inheritdoc cref="SnapshotTranslation.Translate"/>
    /// <param name="before">The proxy's last snapshot, of any view; what the views have in common is taken from it.</param>
    public ProxySnapshot Translate(ProxyView view, ProxySnapshot? before)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Inbounds.Count > 1 && view.Inbounds.DistinctBy(ResourceNames.Listener).Count() < view.Inbounds.Count)
            throw new ArgumentException($"two inbounds of {view.Proxy} share an address and port", nameof(view));
        var (mesh, mutualTls) = (view.Proxy.Mesh, view.Identity is not null);
        var parts = new List<TranslatedPart>(2 + (4 * view.Inbounds.Count));
        if (view.Identity is { TrustBundle: { Length: > 0 } trusted })
        {
            parts.Add(_trust.Get(new TrustSource(trusted), TrustOf));
            foreach (var inbound in SecretNames.OfCallers(view))
                Own(new CallersSource(mesh, inbound with { RevocationEpoch = 0 }, trusted), CallersOf);
        }

        foreach (var inbound in view.Inbounds)
        {
            Own(new InboundSource(mesh, inbound with { Permission = null }, mutualTls), ListenerOf);
            if (mutualTls)
                Own(new PermissionSource(mesh, inbound with { RevocationEpoch = 0 }), PermissionOf);
            parts.Add(_workloads.Get(WorkloadOnly(inbound), WorkloadOf));
        }

        parts.Add(_outbounds.Get(new OutboundsSource(mesh, mutualTls, view.Outbounds), OutboundsOf));
        return new ProxySnapshot([.. parts]);

        void Own<T>(T source, Func<T, TranslatedPart> translate)
            where T : notnull
            => parts.Add(before is null ? translate(source) : Reusable(before, parts.Count, source) ?? translate(source));
    }

    private static TranslatedPart? Reusable(ProxySnapshot before, int at, object source)
    {
        // Most often each part is where it was.
        if (at < before.Parts.Count && before.Parts[at].Source.Equals(source))
            return before.Parts[at];
        return before.Parts.FirstOrDefault(part => part.Source.Equals(source));
    }

    private TranslatedPart TrustOf(TrustSource source)
        => new(source, [Told(XdsType.Secret, SecretTranslation.TrustBundle(source.Bundle))]);

    private TranslatedPart CallersOf(CallersSource source)
    {
        var callers = CallerTrust.Of(source.Mesh, source.Inbound, source.Bundle);
        return new(source, [Encode(XdsType.Secret, callers.Name, callers)]);
    }

    private TranslatedPart ListenerOf(InboundSource source)
    {
        var listener = InboundListener.Of(source.Mesh, source.Inbound, source.MutualTls);
        return new(source, [Encode(XdsType.Listener, listener.Name, listener)]);
    }

    private TranslatedPart PermissionOf(PermissionSource source)
    {
        var permission = PermissionExtension.Of(source.Mesh, source.Inbound);
        return new(source, [Encode(XdsType.Extension, permission.Name, permission)]);
    }

    // Several inbounds may lead to one port of the workload.
    private TranslatedPart WorkloadOf(InboundView inbound)
    {
        var cluster = LocalCluster.Of(inbound);
        return new(inbound, [Encode(XdsType.Cluster, cluster.Name, cluster)]);
    }

    private TranslatedPart OutboundsOf(OutboundsSource source)
    {
        List<(string TypeUrl, EncodedResource Resource)> resources = new(3 * source.Outbounds.Count);
        var (listeners, destinations) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var outbound in source.Outbounds)
        {
            var listener = _listeners.Get(outbound, ListenerOf);
            if (!listeners.Add(listener.Name))
                throw new ArgumentException($"two outbounds share an address and port: {listener.Name}", nameof(source));
            resources.Add((XdsType.Listener, listener));

            // Several outbounds may lead to one destination.
            if (!destinations.Add(outbound.Destination.Name))
                continue;
            resources.Add((XdsType.Cluster, _clusters.Get(new ClusterSource(source.Mesh, source.MutualTls, DestinationOnly(outbound)), ClusterOf)));
            if (outbound.Protocol.IsHttp())
                resources.Add((XdsType.Route, _routes.Get(outbound.Destination, RouteOf)));
        }

        return new(source, [.. resources]);
    }

    private EncodedResource ListenerOf(OutboundView outbound)
    {
        var listener = OutboundListener.Of(outbound);
        return Encode(XdsType.Listener, listener.Name, listener).Resource;
    }

    private EncodedResource ClusterOf(ClusterSource source)
    {
        var cluster = DestinationCluster.Of(source.Mesh, source.Outbound, source.MutualTls);
        return Encode(XdsType.Cluster, cluster.Name, cluster).Resource;
    }

    private EncodedResource RouteOf(EndpointSelection destination)
    {
        var route = DestinationRoute.Of(destination);
        return Encode(XdsType.Route, route.Name, route).Resource;
    }

    private (string TypeUrl, EncodedResource Resource) Encode(string typeUrl, string name, IMessage message)
        => Told(typeUrl, ResourceEncoding.Encode(name, message));

    private (string TypeUrl, EncodedResource Resource) Told(string typeUrl, EncodedResource resource)
    {
        encoded?.Invoke(typeUrl);
        return (typeUrl, resource);
    }

    /// <summary>What the workload's cluster depends on, and nothing else.</summary>
    private static InboundView WorkloadOnly(InboundView inbound) => new(
        Address: "", Port: 0, TagSet.Empty,
        inbound.Protocol is Protocol.Http2 or Protocol.Grpc ? Protocol.Http2 : Protocol.Http,
        inbound.ServiceAddress, inbound.ServicePort, Permission: null, RevocationEpoch: 0);

    /// <summary>What the destination's cluster depends on, and nothing else: not where the workload finds it.</summary>
    private static OutboundView DestinationOnly(OutboundView outbound) => outbound with { Address = "", Port = 0 };

    // A source holds all that its translation is given, so that nothing can be left out of the comparison.
    private sealed record TrustSource(string Bundle);

    private sealed record CallersSource(string Mesh, InboundView Inbound, string Bundle);

    private sealed record InboundSource(string Mesh, InboundView Inbound, bool MutualTls);

    private sealed record PermissionSource(string Mesh, InboundView Inbound);

    private sealed record OutboundsSource(string Mesh, bool MutualTls, ValueList<OutboundView> Outbounds);

    private sealed record ClusterSource(string Mesh, bool MutualTls, OutboundView Outbound);
}
