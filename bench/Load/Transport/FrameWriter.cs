using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OrleansMesh.Load.Transport;

/// <summary>Writes the HTTP/2 frames of a client with one stream. Source: RFC 9113; header fields as in RFC 7541, none of them indexed or compressed.</summary>
internal static class FrameWriter
{
    /// <summary>The one stream's number.</summary>
    public const int Stream = 1;

    /// <summary>The largest payload that a server accepts that has not said otherwise, in bytes.</summary>
    public const int MaxPayload = 16 * 1024;

    private const byte SettingEnablePush = 2;
    private const byte SettingInitialWindowSize = 4;

    /// <summary>The window of a connection before it is enlarged, in bytes.</summary>
    private const int InitialConnectionWindow = 65_535;

    /// <summary>What a client says first: that it speaks HTTP/2, and how much it takes unasked.</summary>
    /// <param name="window">Bytes, for the connection and for the stream.</param>
    public static void Preface(IBufferWriter<byte> to, int window)
    {
        to.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Header(to, 12, FrameType.Settings, 0, 0);
        Setting(to, SettingEnablePush, 0);
        Setting(to, SettingInitialWindowSize, window);
        WindowUpdate(to, 0, window - InitialConnectionWindow);
    }

    /// <summary>Begins a gRPC call on the stream.</summary>
    public static void Headers(IBufferWriter<byte> to, string authority, string path, string? token)
    {
        var block = new ArrayBufferWriter<byte>(1024);
        block.Write<byte>([0x83, 0x87]); // :method POST, :scheme https
        Field(block, 4, path);
        Field(block, 1, authority);
        Field(block, 31, "application/grpc");
        block.Write<byte>([0x00]);
        Text(block, "te");
        Text(block, "trailers");
        if (token is not null)
            Field(block, 23, token, neverIndexed: true);
        if (block.WrittenCount > MaxPayload)
            throw new ArgumentException($"the header fields take {block.WrittenCount} bytes; expected at most {MaxPayload}", nameof(token));
        Header(to, block.WrittenCount, FrameType.Headers, FrameFlags.EndHeaders, Stream);
        to.Write(block.WrittenSpan);
    }

    public static void Data(IBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(MaxPayload, bytes.Length)];
            bytes = bytes[piece.Length..];
            Header(to, piece.Length, FrameType.Data, 0, Stream);
            to.Write(piece);
        }
    }

    public static void SettingsAck(IBufferWriter<byte> to) => Header(to, 0, FrameType.Settings, FrameFlags.Ack, 0);

    public static void Ping(IBufferWriter<byte> to, ReadOnlySpan<byte> payload, bool ack)
    {
        Header(to, payload.Length, FrameType.Ping, ack ? FrameFlags.Ack : (byte)0, 0);
        to.Write(payload);
    }

    public static void WindowUpdate(IBufferWriter<byte> to, int stream, int bytes)
    {
        Header(to, 4, FrameType.WindowUpdate, 0, stream);
        Number(to, bytes);
    }

    private static void Header(IBufferWriter<byte> to, int length, FrameType type, byte flags, int stream)
    {
        var header = to.GetSpan(9);
        header[0] = (byte)(length >> 16);
        header[1] = (byte)(length >> 8);
        header[2] = (byte)length;
        header[3] = (byte)type;
        header[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], stream);
        to.Advance(9);
    }

    private static void Setting(IBufferWriter<byte> to, byte name, int value)
    {
        to.Write<byte>([0, name]);
        Number(to, value);
    }

    private static void Number(IBufferWriter<byte> to, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    /// <summary>A field whose name is in the static table.</summary>
    private static void Field(IBufferWriter<byte> to, int name, string value, bool neverIndexed = false)
    {
        Integer(to, neverIndexed ? (byte)0x10 : (byte)0x00, 4, name);
        Text(to, value);
    }

    private static void Text(IBufferWriter<byte> to, string value)
    {
        var bytes = Encoding.ASCII.GetBytes(value);
        Integer(to, 0, 7, bytes.Length);
        to.Write(bytes);
    }

    /// <summary>RFC 7541, section 5.1.</summary>
    private static void Integer(IBufferWriter<byte> to, byte pattern, int prefixBits, int value)
    {
        var limit = (1 << prefixBits) - 1;
        if (value < limit)
        {
            to.Write([(byte)(pattern | value)]);
            return;
        }

        to.Write([(byte)(pattern | limit)]);
        for (value -= limit; value >= 0x80; value >>= 7)
            to.Write([(byte)(value | 0x80)]);
        to.Write([(byte)value]);
    }
}
