using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;

namespace OrleansMesh.Translation;

/// <summary>Bounds that are the same for every connection of the mesh.</summary>
internal static class ConnectionLimits
{
    /// <summary>
    /// Bytes that are held for a connection whose other side is slow, and of a request's body so that it can be tried on another
    /// host. It is what Envoy takes when nothing is said, and said so that it stays the same over Envoy's versions.
    /// </summary>
    public const uint BufferBytes = 1024 * 1024;

    /// <summary>Time to reach a host, TLS handshake included.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A TCP connection that carries nothing is closed after this; what is meant to be quiet for longer must keep itself alive.</summary>
    public static readonly TimeSpan TcpIdleTimeout = TimeSpan.FromHours(1);

    /// <summary>
    /// Envoy's own limits (1024 connections, requests and waiting requests, 3 retries) answer 503 to a busy service that is well.
    /// The mesh limits nobody unless a policy says so, and these only keep a runaway from exhausting the proxy. A retry is made only for a
    /// request that reached no workload, so retries add nothing to the load and need no bound of their own.
    /// </summary>
    public static CircuitBreakers CircuitBreakers() => new()
    {
        Thresholds =
        {
            new CircuitBreakers.Types.Thresholds
            {
                Priority = RoutingPriority.Default,
                MaxConnections = 65_536,
                MaxPendingRequests = 65_536,
                MaxRequests = 65_536,
                MaxRetries = 65_536,
            },
        },
    };
}
