using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Views;

/// <summary>Computes what a proxy has to do. The same inputs give an equal view.</summary>
public static class ProxyViews
{
    /// <summary>Where a proxy listens for its workload, and where the workload listens, when the Dataplane does not say.</summary>
    private const string Loopback = "127.0.0.1";

    /// <param name="backend">The backend whose authority signs; null: no mutual TLS.</param>
    /// <param name="permissions">For each inbound, in the order of the Dataplane, the permission that governs; null: nobody may call.</param>
    /// <param name="protocolOf">What a service speaks.</param>
    /// <param name="trust">Whom to trust and who signs; null when no authority could be had.</param>
    /// <param name="tcpSources">What was recorded of the TCP inbounds.</param>
    /// <param name="quarantined">The proxies that are shut out of the mesh, in ordinal order.</param>
    public static ProxyView Compute(
        Dataplane dataplane,
        CertificateAuthorityBackend? backend,
        IReadOnlyList<GoverningPermission?> permissions,
        Func<string, Protocol> protocolOf,
        TrustView? trust,
        ValueList<TcpSourcesSet> tcpSources,
        ValueList<string> quarantined)
    {
        ArgumentNullException.ThrowIfNull(dataplane);
        ArgumentNullException.ThrowIfNull(permissions);
        ArgumentNullException.ThrowIfNull(protocolOf);
        var networking = dataplane.Networking;
        return new ProxyView(
            new ProxyId(dataplane.Mesh, dataplane.Name),
            backend is null ? null : new IdentityView(
                backend.Name,
                IdentityUris(dataplane),
                trust?.Bundle ?? "",
                backend.CertificateLifetime,
                trust?.Authority ?? "",
                trust?.ConfirmBundle,
                backend.DpCert?.RsaBits,
                backend.Mode),
            networking.Inbound.Zip(permissions, (inbound, permission) => new InboundView(
                inbound.Address ?? networking.Address,
                inbound.Port,
                inbound.Tags,
                inbound.Protocol,
                inbound.ServiceAddress ?? Loopback,
                inbound.ServicePort ?? inbound.Port,
                permission,
                backend is null ? 0 : tcpSources.EpochOf(inbound))
            {
                Quarantined = permission is { Sources.Count: > 0 } ? quarantined : [],
            }).ToValueList(),
            networking.Outbound.Select(outbound => new OutboundView(
                outbound.Address ?? Loopback,
                outbound.Port,
                new EndpointSelection(outbound.Service, TagSet.Of(outbound.Tags.Where(t => t.Key != TagSet.ServiceTag))),
                protocolOf(outbound.Service))).ToValueList());
    }

    /// <summary>The URI subject alternative names of a proxy's certificate. Source: Kuma's identities, and SPIFFE-ID, section 2; the last one is ours.</summary>
    public static ValueList<string> IdentityUris(Dataplane dataplane)
    {
        ArgumentNullException.ThrowIfNull(dataplane);
        var inbounds = dataplane.Networking.Inbound;
        return
        [
            .. inbounds.Select(i => $"spiffe://{dataplane.Mesh}/{i.Service}").Distinct().Order(StringComparer.Ordinal),
            .. inbounds.SelectMany(i => i.Tags).Select(t => $"kuma://{t.Key}/{t.Value}").Distinct().Order(StringComparer.Ordinal),
            new ProxyId(dataplane.Mesh, dataplane.Name).Uri,
        ];
    }
}
