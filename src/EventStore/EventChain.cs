using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMesh.EventStore;

/// <summary>
/// The checksum that each event carries, chained to the one before it, so that an event that is edited, removed, added or moved shows.
/// </summary>
/// <remarks>
/// Form 1, a published contract that every store keeps: SHA-256 over the chain value of the event before (32 zero bytes before the first),
/// position, version, instant (100 ns ticks of UTC since 0001-01-01), each 64 bits, then stream, type, actor, cause and data, each as its
/// length in bytes, 32 bits, and its UTF-8 bytes. Numbers are big-endian. Not safe for concurrent use: it reuses one buffer.
/// </remarks>
internal sealed class EventChain
{
    public const int Length = SHA256.HashSizeInBytes;

    private byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>The value before the first event.</summary>
    public static ReadOnlySpan<byte> Start => new byte[Length];

    public void Link(ReadOnlySpan<byte> previous, long position, string stream, long version, NewEvent added, Span<byte> link)
    {
        Begin(previous, position, version, added.Context.At.UtcTicks);
        Add(stream);
        Add(added.Type);
        Add(added.Context.Actor);
        Add(added.Context.Cause);
        Add(added.Data.Span);
        SHA256.HashData(_buffer.AsSpan(0, _length), link);
    }

    public void Link(
        ReadOnlySpan<byte> previous,
        long position,
        long version,
        long ticks,
        ReadOnlySpan<byte> stream,
        ReadOnlySpan<byte> type,
        ReadOnlySpan<byte> actor,
        ReadOnlySpan<byte> cause,
        ReadOnlySpan<byte> data,
        Span<byte> link)
    {
        Begin(previous, position, version, ticks);
        Add(stream);
        Add(type);
        Add(actor);
        Add(cause);
        Add(data);
        SHA256.HashData(_buffer.AsSpan(0, _length), link);
    }

    private void Begin(ReadOnlySpan<byte> previous, long position, long version, long ticks)
    {
        previous.CopyTo(_buffer);
        BinaryPrimitives.WriteInt64BigEndian(_buffer.AsSpan(Length), position);
        BinaryPrimitives.WriteInt64BigEndian(_buffer.AsSpan(Length + 8), version);
        BinaryPrimitives.WriteInt64BigEndian(_buffer.AsSpan(Length + 16), ticks);
        _length = Length + 24;
    }

    private void Add(string text)
    {
        Reserve(4 + Encoding.UTF8.GetMaxByteCount(text.Length));
        var bytes = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length + 4));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length), bytes);
        _length += 4 + bytes;
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        Reserve(4 + bytes.Length);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length), bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length + 4));
        _length += 4 + bytes.Length;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }
}
