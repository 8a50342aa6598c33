using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// The version of a set of resources, which the state-of-the-world variant needs: the same set has the same version, whichever server computed it
/// and whenever, so that a client that reconnects with it need not be sent the set again.
/// </summary>
internal static class TypeVersion
{
    /// <param name="sorted">By ordinal order of the name.</param>
    public static string Of(IEnumerable<EncodedResource> sorted)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var resource in sorted)
        {
            Append(hash, resource.Name);
            Append(hash, resource.Version);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
