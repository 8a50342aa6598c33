using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>What Kestrel has to be told for streams that live as long as a proxy.</summary>
public static class KestrelLimits
{
    /// <summary>How long a connection may be silent before the server pings it in HTTP/2, which costs both sides a TLS record; see also <see cref="SparseHeartbeat"/>.</summary>
    public static readonly TimeSpan KeepAlivePingDelay = TimeSpan.FromMinutes(2);

    /// <summary>How long the answer to a ping may take before the connection is taken for dead and closed.</summary>
    public static readonly TimeSpan KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How long a connection may be silent before the kernel asks the other one whether it is still there.</summary>
    public static readonly TimeSpan KernelKeepAliveDelay = TimeSpan.FromSeconds(30);

    private const int KernelKeepAliveProbes = 2;
    private static readonly TimeSpan KernelKeepAliveInterval = TimeSpan.FromSeconds(10);

    // Linux, include/uapi/linux/tcp.h: milliseconds that sent data may stay unacknowledged.
    private const int TcpUserTimeout = 18;
    private const int TcpLevel = 6;

    /// <summary>
    /// HTTP/2 keepalive, which finds proxies that answer no more although their machine does: the call's <see cref="GrpcCall.Cancelled"/> is set at
    /// the latest <see cref="KeepAlivePingDelay"/> + <see cref="KeepAlivePingTimeout"/> after their last byte, and two heartbeats.
    /// </summary>
    public static void ForLongStreams(this KestrelServerLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);

        // A table of what earlier requests of the connection said is of no use to the one that a proxy makes, and takes 3 KB.
        limits.Http2.HeaderTableSize = 0;
        limits.Http2.KeepAlivePingDelay = KeepAlivePingDelay;
        limits.Http2.KeepAlivePingTimeout = KeepAlivePingTimeout;
    }

    /// <summary>
    /// The kernel's keepalive, which finds machines that vanished within a minute, and costs this process nothing. The connections that a listener
    /// accepts take it over from its socket.
    /// </summary>
    public static Socket ForLongStreams(this Socket listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (listener.ProtocolType != ProtocolType.Tcp)
            return listener;
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        listener.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)KernelKeepAliveDelay.TotalSeconds);
        listener.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)KernelKeepAliveInterval.TotalSeconds);
        listener.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KernelKeepAliveProbes);
        if (OperatingSystem.IsLinux())
        {
            // While something that was sent waits to be acknowledged there are no probes.
            var time = BitConverter.GetBytes((int)(KernelKeepAliveDelay + (KernelKeepAliveProbes * KernelKeepAliveInterval)).TotalMilliseconds);
            listener.SetRawSocketOption(TcpLevel, TcpUserTimeout, time);
        }

        return listener;
    }
}
