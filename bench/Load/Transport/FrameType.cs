namespace OrleansMesh.Load.Transport;

/// <summary>HTTP/2 frame types. Source: RFC 9113, section 6.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>Flags of HTTP/2 frames; an ACK and the end of a stream share a bit. Source: RFC 9113, section 6.</summary>
internal static class FrameFlags
{
    public const byte Ack = 0x1;
    public const byte EndStream = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;
}
