using OrleansMesh.Domain.Values;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway;

/// <summary>How proxies reach and trust the control plane.</summary>
public sealed class XdsGatewayOptions
{
    /// <summary>PEM certificates against which proxies check the dp-server's certificate, where they bring none of their own.</summary>
    public required string ServerAuthorityPem { get; init; }

    /// <summary>Where proxies reach the servers of the control plane; none: where they asked for their bootstrap.</summary>
    public IReadOnlyList<ControlPlaneAddress> PublicAddresses { get; init; } = [];

    /// <summary>The port of Envoy's administration interface, on loopback, for a Dataplane that names none.</summary>
    public int DefaultAdminPort { get; init; } = 9901;

    /// <summary>Whether bootstraps ask for incremental xDS; state of the world otherwise. Both are served in any case.</summary>
    public bool DeltaXds { get; init; } = true;

    /// <summary>Public keys of dataplane tokens that were signed elsewhere.</summary>
    public ValueList<ConfiguredTokenKey> TokenKeys { get; init; } = [];
}
