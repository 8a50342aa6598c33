using System.Text;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>
/// The value of the trailer <c>grpc-message</c>: UTF-8, in which everything but printable ASCII, and the per cent sign itself, is
/// percent-encoded. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.
/// </summary>
internal static class StatusMessage
{
    public static string Encode(string message)
    {
        if (message.All(IsPlain))
            return message;

        var encoded = new StringBuilder(message.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            if (IsPlain((char)octet))
                encoded.Append((char)octet);
            else
                encoded.Append('%').Append("0123456789ABCDEF"[octet >> 4]).Append("0123456789ABCDEF"[octet & 15]);
        }

        return encoded.ToString();
    }

    private static bool IsPlain(char c) => c is >= ' ' and <= '~' and not '%';
}
