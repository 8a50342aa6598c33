using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>What Kestrel has to be told for streams that live as long as a proxy.</summary>
public static class KestrelLimits
{
    /// <summary>How long a connection may be silent before the server pings it.</summary>
    public static readonly TimeSpan KeepAlivePingDelay = TimeSpan.FromSeconds(30);

    /// <summary>How long the answer to a ping may take before the connection is taken for dead and closed.</summary>
    public static readonly TimeSpan KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// HTTP/2 keepalive, which finds proxies that vanished without closing their connection: at the latest
    /// <see cref="KeepAlivePingDelay"/> + <see cref="KeepAlivePingTimeout"/> after their last byte, the call's
    /// <see cref="GrpcCall.Cancelled"/> is set.
    /// </summary>
    public static void ForLongStreams(this KestrelServerLimits limits)
    {
        limits.Http2.KeepAlivePingDelay = KeepAlivePingDelay;
        limits.Http2.KeepAlivePingTimeout = KeepAlivePingTimeout;
    }
}
