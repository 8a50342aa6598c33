using System.Diagnostics.Metrics;

namespace OrleansMesh.XdsGateway;

/// <summary>What the gateway counts.</summary>
public sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "OrleansMesh.XdsGateway";

    private readonly Meter _meter = new(MeterName);

    public GatewayMetrics()
    {
        Connections = _meter.CreateUpDownCounter<long>("xds.connections", description: "Proxies that are connected, by protocol variant.");
        Pushes = _meter.CreateCounter<long>("xds.pushes", description: "Responses sent to proxies, by xDS type.");
        Encoded = _meter.CreateCounter<long>("xds.encoded", description: "Resources that were translated and encoded, by xDS type; proxies share them.");
        Acks = _meter.CreateCounter<long>("xds.acks", description: "Responses that proxies took, by xDS type.");
        Nacks = _meter.CreateCounter<long>("xds.nacks", description: "Responses that proxies refused, by xDS type.");
        AuthenticationFailures = _meter.CreateCounter<long>("xds.authentication.failures", description: "Proxies that were refused because they could not prove what they are.");
        CertificatesIssued = _meter.CreateCounter<long>("xds.certificates.issued", description: "Workload certificates that were handed to proxies.");
        CertificateFailures = _meter.CreateCounter<long>("xds.certificates.failures", description: "Workload certificates that no authority could sign.");
        AdmissionWaiting = _meter.CreateUpDownCounter<long>("xds.admission.waiting", description: "Connecting proxies that wait for their turn, by stage.");
        Admitted = _meter.CreateCounter<long>("xds.admission.admitted", description: "Connecting proxies whose turn came, by stage.");
        AdmissionOverdue = _meter.CreateCounter<long>(
            "xds.admission.overdue", description: "Connecting proxies that took so long that another one was let in in their place, by stage.");
    }

    public UpDownCounter<long> Connections { get; }

    public Counter<long> Pushes { get; }

    public Counter<long> Encoded { get; }

    public Counter<long> Acks { get; }

    public Counter<long> Nacks { get; }

    public Counter<long> AuthenticationFailures { get; }

    public Counter<long> CertificatesIssued { get; }

    public Counter<long> CertificateFailures { get; }

    public UpDownCounter<long> AdmissionWaiting { get; }

    public Counter<long> Admitted { get; }

    public Counter<long> AdmissionOverdue { get; }

    /// <summary>Counts a resource of this type that was encoded.</summary>
    public void ResourceEncoded(string typeUrl) => Encoded.Add(1, OfType(typeUrl));

    /// <summary>The tag that says which xDS type is meant.</summary>
    internal static KeyValuePair<string, object?> OfType(string typeUrl) => new("type", typeUrl[(typeUrl.LastIndexOf('.') + 1)..]);

    public void Dispose() => _meter.Dispose();
}
