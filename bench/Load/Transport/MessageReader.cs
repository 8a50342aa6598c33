using System.Buffers;
using System.Buffers.Binary;

namespace OrleansMesh.Load.Transport;

/// <summary>Puts the messages of a gRPC call together, wherever the pieces of its body end. One that comes in one piece is not copied.</summary>
internal sealed class MessageReader(Action<ReadOnlySpan<byte>> received) : IDisposable
{
    private const int PrefixSize = 5;

    /// <summary>Above this something is wrong, in bytes.</summary>
    private const int MaxMessage = 256 * 1024 * 1024;

    private readonly byte[] _prefix = new byte[PrefixSize];
    private int _prefixFilled;
    private byte[] _message = [];
    private int _filled;

    /// <exception cref="InvalidDataException">A message is compressed, which nobody asked for, or longer than any can be.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_prefixFilled < PrefixSize)
            {
                var taken = Math.Min(PrefixSize - _prefixFilled, bytes.Length);
                bytes[..taken].CopyTo(_prefix.AsSpan(_prefixFilled));
                _prefixFilled += taken;
                bytes = bytes[taken..];
                if (_prefixFilled < PrefixSize)
                    return;
            }

            var size = BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1));
            if (_prefix[0] != 0 || size > MaxMessage)
                throw new InvalidDataException($"a gRPC message with flag {_prefix[0]} and {size} bytes");
            var piece = bytes[..(int)Math.Min(size - _filled, bytes.Length)];
            bytes = bytes[piece.Length..];
            if (piece.Length == size)
            {
                _prefixFilled = 0;
                received(piece);
                continue;
            }

            if (_filled == 0)
                _message = ArrayPool<byte>.Shared.Rent((int)size);
            piece.CopyTo(_message.AsSpan(_filled));
            _filled += piece.Length;
            if (_filled < size)
                return;
            received(_message.AsSpan(0, _filled));
            Dispose();
            _prefixFilled = 0;
        }
    }

    public void Dispose()
    {
        if (_filled > 0)
            ArrayPool<byte>.Shared.Return(_message);
        _message = [];
        _filled = 0;
    }
}
