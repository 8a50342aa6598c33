using System.Buffers;
using System.Text;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;

namespace OrleansMesh.Load.Xds;

/// <summary>Composes discovery requests. Source: envoy/service/discovery/v3/discovery.proto.</summary>
internal static class RequestWriter
{
    /// <param name="node">Who asks; given in the first request of a stream only, as Envoy does.</param>
    /// <param name="nonce">The response that this acknowledges, if any.</param>
    public static byte[] Delta(
        ResourceType type, ReadOnlyMemory<byte> node, string nonce, IEnumerable<string> subscribe, IEnumerable<string> unsubscribe,
        IEnumerable<(string Name, string Version)> held)
    {
        var request = new DeltaDiscoveryRequest { TypeUrl = type.Url, ResponseNonce = nonce };
        request.ResourceNamesSubscribe.Add(subscribe);
        request.ResourceNamesUnsubscribe.Add(unsubscribe);
        foreach (var (name, version) in held)
            request.InitialResourceVersions.Add(name, version);
        return WithNode(DeltaDiscoveryRequest.NodeFieldNumber, node, request);
    }

    /// <param name="version">What the sidecar holds.</param>
    public static byte[] StateOfTheWorld(ResourceType type, ReadOnlyMemory<byte> node, string nonce, string version, IEnumerable<string> names)
    {
        var request = new DiscoveryRequest { TypeUrl = type.Url, ResponseNonce = nonce, VersionInfo = version };
        request.ResourceNames.Add(names);
        return WithNode(DiscoveryRequest.NodeFieldNumber, node, request);
    }

    /// <summary>What most requests are: a type and the response that is acknowledged, with nothing else.</summary>
    public static byte[] DeltaAck(ResourceType type, ReadOnlySpan<byte> nonce)
    {
        var to = new ArrayBufferWriter<byte>(type.Url.Length + nonce.Length + 8);
        Field(to, DeltaDiscoveryRequest.TypeUrlFieldNumber, Encoding.ASCII.GetBytes(type.Url));
        Field(to, DeltaDiscoveryRequest.ResponseNonceFieldNumber, nonce);
        return to.WrittenSpan.ToArray();
    }

    private static byte[] WithNode(int field, ReadOnlyMemory<byte> node, IMessage request)
    {
        if (node.IsEmpty)
            return request.ToByteArray();
        var to = new ArrayBufferWriter<byte>(node.Length + 512);
        Field(to, field, node.Span);
        to.Write(request.ToByteArray());
        return to.WrittenSpan.ToArray();
    }

    private static void Field(ArrayBufferWriter<byte> to, int field, ReadOnlySpan<byte> bytes)
    {
        Varint(to, WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited));
        Varint(to, (uint)bytes.Length);
        to.Write(bytes);
    }

    private static void Varint(ArrayBufferWriter<byte> to, uint value)
    {
        for (; value >= 0x80; value >>= 7)
            to.Write([(byte)(value | 0x80)]);
        to.Write([(byte)value]);
    }
}
