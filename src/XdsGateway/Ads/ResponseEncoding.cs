using System.Buffers;
using System.Text;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// Composes responses around resources that are serialised already: the generated classes would decode and encode them again.
/// Source: envoy/service/discovery/v3/discovery.proto and the protobuf wire format.
/// </summary>
internal static class ResponseEncoding
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> StateOfTheWorld(
        string type, string nonce, string version, IReadOnlyList<EncodedResource> resources)
    {
        var pieces = new Pieces(resources.Count);
        pieces.String(DiscoveryResponse.VersionInfoFieldNumber, version);
        pieces.String(DiscoveryResponse.TypeUrlFieldNumber, type);
        pieces.String(DiscoveryResponse.NonceFieldNumber, nonce);
        foreach (var resource in resources)
        {
            pieces.Prefix(DiscoveryResponse.ResourcesFieldNumber, resource.Body.Length);
            pieces.Shared(resource.Body);
        }

        return pieces.Segments();
    }

    public static IReadOnlyList<ReadOnlyMemory<byte>> Delta(
        string type, string nonce, IReadOnlyList<EncodedResource> resources, IReadOnlyList<string> removed)
    {
        var pieces = new Pieces(resources.Count);
        pieces.String(DeltaDiscoveryResponse.TypeUrlFieldNumber, type);
        pieces.String(DeltaDiscoveryResponse.NonceFieldNumber, nonce);
        foreach (var name in removed)
            pieces.String(DeltaDiscoveryResponse.RemovedResourcesFieldNumber, name);
        foreach (var resource in resources)
        {
            pieces.Prefix(DeltaDiscoveryResponse.ResourcesFieldNumber,
                Pieces.StringSize(Resource.NameFieldNumber, resource.Name)
                + Pieces.StringSize(Resource.VersionFieldNumber, resource.Version)
                + Pieces.PrefixSize(Resource.Resource_FieldNumber, resource.Body.Length)
                + resource.Body.Length);
            pieces.String(Resource.NameFieldNumber, resource.Name);
            pieces.String(Resource.VersionFieldNumber, resource.Version);
            pieces.Prefix(Resource.Resource_FieldNumber, resource.Body.Length);
            pieces.Shared(resource.Body);
        }

        return pieces.Segments();
    }

    /// <summary>Own bytes in one buffer, interleaved with shared ones. Every field that is written here is length-delimited.</summary>
    private sealed class Pieces(int expectedShared)
    {
        private readonly ArrayBufferWriter<byte> _own = new(128 + (96 * expectedShared));
        private readonly List<(int OwnEnd, ReadOnlyMemory<byte> Shared)> _shared = new(expectedShared);

        public static int PrefixSize(int field, int length) =>
            CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeLengthSize(length);

        public static int StringSize(int field, string text)
        {
            var length = Encoding.UTF8.GetByteCount(text);
            return PrefixSize(field, length) + length;
        }

        public void Prefix(int field, int length)
        {
            Varint(WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited));
            Varint((uint)length);
        }

        public void String(int field, string text)
        {
            Prefix(field, Encoding.UTF8.GetByteCount(text));
            Encoding.UTF8.GetBytes(text, _own);
        }

        public void Shared(ReadOnlyMemory<byte> bytes) => _shared.Add((_own.WrittenCount, bytes));

        public List<ReadOnlyMemory<byte>> Segments()
        {
            var segments = new List<ReadOnlyMemory<byte>>((2 * _shared.Count) + 1);
            var start = 0;
            foreach (var (ownEnd, shared) in _shared)
            {
                segments.Add(_own.WrittenMemory[start..ownEnd]);
                segments.Add(shared);
                start = ownEnd;
            }

            if (start < _own.WrittenCount)
                segments.Add(_own.WrittenMemory[start..]);
            return segments;
        }

        private void Varint(uint value)
        {
            var span = _own.GetSpan(5);
            var length = 0;
            for (; value >= 0x80; value >>= 7)
                span[length++] = (byte)(value | 0x80);
            span[length++] = (byte)value;
            _own.Advance(length);
        }
    }
}
