using System.Collections.Frozen;

namespace OrleansMesh.Domain.Reading;

/// <summary>Kuma's types of resource, so that one that is not supported yet can be told from one that does not exist.</summary>
/// <remarks>Source: Kuma 2.14's <c>GET /_resources</c>.</remarks>
internal static class KumaResourceTypes
{
    public static readonly FrozenSet<string> All = FrozenSet.Create(
        StringComparer.Ordinal,
        "CircuitBreaker", "ContainerPatch", "Dataplane", "DataplaneInsight", "ExternalService", "FaultInjection", "GlobalSecret", "HealthCheck",
        "HostnameGenerator", "Mesh", "MeshAccessLog", "MeshCircuitBreaker", "MeshExternalService", "MeshFaultInjection", "MeshGateway",
        "MeshGatewayConfig", "MeshGatewayInstance", "MeshGatewayRoute", "MeshHTTPRoute", "MeshHealthCheck", "MeshIdentity", "MeshInsight",
        "MeshLoadBalancingStrategy", "MeshMetric", "MeshMultiZoneService", "MeshOpenTelemetryBackend", "MeshPassthrough", "MeshProxyPatch",
        "MeshRateLimit", "MeshRetry", "MeshService", "MeshTCPRoute", "MeshTLS", "MeshTimeout", "MeshTrace", "MeshTrafficPermission", "MeshTrust",
        "MeshZoneAddress", "ProxyTemplate", "RateLimit", "Retry", "Secret", "ServiceInsight", "Timeout", "TrafficLog", "TrafficPermission",
        "TrafficRoute", "TrafficTrace", "VirtualOutbound", "Workload", "Zone", "ZoneEgress", "ZoneEgressInsight", "ZoneIngress",
        "ZoneIngressInsight", "ZoneInsight");
}
