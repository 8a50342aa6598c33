using System.Net;
using System.Net.Sockets;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Translation;

/// <summary>What Envoy resources are called. Listeners, the workload's clusters and destinations are named as Kuma names them, since dashboards know those.</summary>
public static class ResourceNames
{
    /// <summary><c>inbound:{ip}:{port}</c>; an IPv6 address in brackets.</summary>
    public static string Listener(InboundView inbound) => $"inbound:{Socket(inbound.Address, inbound.Port)}";

    /// <summary><c>outbound:{ip}:{port}</c>; an IPv6 address in brackets.</summary>
    public static string Listener(OutboundView outbound) => $"outbound:{Socket(outbound.Address, outbound.Port)}";

    /// <summary>The ECDS resource that says who may call an inbound: <c>permission:{ip}:{port}</c>.</summary>
    public static string Permission(InboundView inbound) => $"permission:{Socket(inbound.Address, inbound.Port)}";

    /// <summary>The secret that says whose handshake a TCP inbound accepts: <c>callers:{ip}:{port}</c>.</summary>
    public static string Callers(InboundView inbound) => $"callers:{Socket(inbound.Address, inbound.Port)}";

    /// <summary>
    /// The workload's own port: <c>localhost:{port}</c>, or <c>{ip}:{port}</c> where the workload is not on 127.0.0.1. Ends with <c>/h2</c> where
    /// it is spoken to in HTTP/2, since two inbounds of different protocols may lead to one port.
    /// </summary>
    public static string LocalCluster(InboundView inbound)
    {
        var host = inbound.ServiceAddress == IPAddress.Loopback.ToString()
            ? $"localhost:{inbound.ServicePort}"
            : Socket(inbound.ServiceAddress, inbound.ServicePort);
        return inbound.Protocol is Protocol.Http2 or Protocol.Grpc ? $"{host}/h2" : host;
    }

    /// <summary>The cluster, its endpoints and its routes all bear the name of the selection.</summary>
    public static string Destination(EndpointSelection selection) => selection.Name;

    private static string Socket(string address, int port)
        => IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{address}:{port}";
}
