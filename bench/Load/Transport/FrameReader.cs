using System.Buffers.Binary;

namespace OrleansMesh.Load.Transport;

/// <summary>
/// Cuts a stream of bytes into HTTP/2 frames, wherever its pieces end. The payload of a DATA frame is handed on in the pieces in which it comes, so
/// that nothing is copied; every other frame is handed on whole.
/// </summary>
internal sealed class FrameReader(IFrameReceiver receiver)
{
    private const int HeaderSize = 9;

    /// <summary>The largest payload that may come: what a client accepts that has not said otherwise.</summary>
    private const int MaxPayload = 16 * 1024;

    private readonly byte[] _header = new byte[HeaderSize];
    private byte[] _whole = [];
    private int _headerFilled;
    private int _payloadSize;
    private int _payloadSeen;

    /// <exception cref="InvalidDataException">What came is no HTTP/2 for a client with default settings.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            if (_headerFilled < HeaderSize)
            {
                var taken = Math.Min(HeaderSize - _headerFilled, bytes.Length);
                bytes[..taken].CopyTo(_header.AsSpan(_headerFilled));
                _headerFilled += taken;
                bytes = bytes[taken..];
                if (_headerFilled < HeaderSize)
                    return;
                Begin();
            }

            var piece = bytes[..Math.Min(_payloadSize - _payloadSeen, bytes.Length)];
            bytes = bytes[piece.Length..];
            Take(piece);
            if (_payloadSeen < _payloadSize)
                return;
            _headerFilled = 0;
        }
    }

    private FrameType Type => (FrameType)_header[3];

    private byte Flags => _header[4];

    private bool IsPassedOn => Type == FrameType.Data && (Flags & FrameFlags.Padded) == 0;

    private void Begin()
    {
        _payloadSeen = 0;
        _payloadSize = (_header[0] << 16) | (_header[1] << 8) | _header[2];
        if (_payloadSize > MaxPayload)
            throw new InvalidDataException($"an HTTP/2 frame of {_payloadSize} bytes; expected at most {MaxPayload}");
        if (!IsPassedOn && _whole.Length < _payloadSize)
            _whole = new byte[_payloadSize];
    }

    private void Take(ReadOnlySpan<byte> piece)
    {
        if (IsPassedOn)
        {
            _payloadSeen += piece.Length;
            receiver.Data(piece);
            if (_payloadSeen == _payloadSize)
                receiver.DataEnded(_payloadSize, (Flags & FrameFlags.EndStream) != 0);
            return;
        }

        piece.CopyTo(_whole.AsSpan(_payloadSeen));
        _payloadSeen += piece.Length;
        if (_payloadSeen < _payloadSize)
            return;
        var payload = _whole.AsSpan(0, _payloadSize);
        if (Type == FrameType.Data)
        {
            if (payload.Length == 0 || payload[0] >= payload.Length)
                throw new InvalidDataException("a DATA frame with more padding than payload");
            receiver.Data(payload[1..^payload[0]]);
            receiver.DataEnded(_payloadSize, (Flags & FrameFlags.EndStream) != 0);
        }
        else
        {
            receiver.Frame(Type, Flags, BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(5)) & int.MaxValue, payload);
        }
    }
}

/// <summary>Takes what a <see cref="FrameReader"/> cuts.</summary>
internal interface IFrameReceiver
{
    /// <summary>A piece of a DATA frame's payload, padding left out.</summary>
    void Data(ReadOnlySpan<byte> piece);

    /// <param name="size">What the frame took from the flow-control windows, in bytes.</param>
    void DataEnded(int size, bool endsStream);

    /// <summary>Any other frame.</summary>
    void Frame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload);
}
