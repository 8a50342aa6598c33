using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMesh.EventStore;

/// <summary>SHA-256 over a snapshot. One that does not match is left unread: the events say the same, only slower.</summary>
internal static class SnapshotChecksum
{
    public static byte[] Of(StreamSnapshot snapshot)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var name = Encoding.UTF8.GetBytes(snapshot.Stream);
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(numbers, snapshot.Version);
        BinaryPrimitives.WriteInt32BigEndian(numbers[8..], snapshot.Schema);
        BinaryPrimitives.WriteInt32BigEndian(numbers[12..], name.Length);
        hash.AppendData(numbers);
        hash.AppendData(name);
        hash.AppendData(snapshot.Data.Span);
        return hash.GetHashAndReset();
    }
}
