using Envoy.Config.Core.V3;

namespace OrleansMesh.Translation;

internal static class SocketAddresses
{
    public static Address Of(string ip, int port) => new() { SocketAddress = new SocketAddress { Address = ip, PortValue = (uint)port } };
}
