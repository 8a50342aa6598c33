using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OrleansMesh.Translation;

/// <summary>Serialises a resource once, and names its content.</summary>
internal static class ResourceEncoding
{
    /// <summary>The version is the first 16 hexadecimal digits of the body's SHA-256.</summary>
    public static EncodedResource Encode(string name, IMessage message)
    {
        var body = Body(message);
        return new EncodedResource(name, Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8)), body);
    }

    public static EncodedResource Encode(string name, string version, IMessage message) => new(name, version, Body(message));

    // A protobuf map is written in the order in which it was filled, so bytes are stable as long as no translation fills one from a hash table.
    private static byte[] Body(IMessage message) => Any.Pack(message).ToByteArray();
}
