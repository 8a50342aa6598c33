using System.Security.Cryptography;

namespace OrleansMesh.Grains.Authorities;

/// <summary>Serial numbers of certificates: 128 bits, random.</summary>
internal static class SerialNumber
{
    /// <summary>16 bytes, big-endian. The first two bits are 01: positive, and always as long.</summary>
    public static byte[] Next()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }
}
