namespace OrleansMesh.Cli.ControlPlane;

/// <summary>The answer of <c>GET /meshes/{mesh}/dataplanes/{name}/_inspect</c>. Times are RFC 3339.</summary>
/// <param name="Status"><c>online</c> or <c>offline</c>.</param>
/// <param name="Connection">Null while no Envoy is connected.</param>
/// <param name="Identity">Null without mutual TLS.</param>
/// <param name="Certificate">Null before the first one is issued.</param>
/// <param name="CertificateFailure">Why no other one is issued; null where nothing is wrong.</param>
/// <param name="Quarantine">What shuts the proxy out of its mesh; null where nothing does.</param>
internal sealed record DataplaneInspection(
    string Mesh,
    string Name,
    string Status,
    InspectedConnection? Connection = null,
    InspectedIdentity? Identity = null,
    InspectedCertificate? Certificate = null,
    InspectedCertificateFailure? CertificateFailure = null,
    InspectedQuarantine? Quarantine = null)
{
    public IReadOnlyList<InspectedInbound> Inbounds { get; init; } = [];

    public IReadOnlyList<InspectedOutbound> Outbounds { get; init; } = [];

    public IReadOnlyList<InspectedRejection> Rejections { get; init; } = [];
}

internal sealed record InspectedConnection(DateTimeOffset Since, string EnvoyVersion, string AgentVersion, string Variant);

internal sealed record InspectedIdentity(string Backend, IReadOnlyList<string> Uris);

internal sealed record InspectedCertificate(
    string Serial, string Backend, string AuthorityId, IReadOnlyList<string> Uris, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <param name="Name">The ProxyQuarantine's.</param>
internal sealed record InspectedQuarantine(string Name, DateTimeOffset Since, string? Reason = null);

internal sealed record InspectedCertificateFailure(string Backend, string Reason, DateTimeOffset Since);

/// <param name="Permission">The permission that governs; null: nobody may call.</param>
internal sealed record InspectedInbound(
    string Address, int Port, string Service, string Protocol, string ServiceAddress, int ServicePort, bool MutualTls, InspectedPermission? Permission = null)
{
    /// <summary>Whether plain traffic is let in too, without identity and without permission.</summary>
    public bool Permissive { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <param name="Overridden">Names of permissions that match too and count for nothing here.</param>
/// <param name="Quarantined">Proxies that are shut out although a source lets them in.</param>
internal sealed record InspectedPermission(
    string Name, IReadOnlyList<InspectedSelector> Sources, IReadOnlyList<string> Overridden, IReadOnlyList<string>? Quarantined = null);

internal sealed record InspectedSelector(IReadOnlyDictionary<string, string> Match);

internal sealed record InspectedOutbound(string Address, int Port, string Service, string Protocol, int Endpoints, int EndpointsReady)
{
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <param name="Type">The xDS type's URL.</param>
/// <param name="Message">Envoy's own words.</param>
internal sealed record InspectedRejection(string Type, IReadOnlyList<string> Resources, string Message, DateTimeOffset Since);
