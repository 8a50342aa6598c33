using System.Buffers.Binary;

namespace OrleansMesh.XdsGateway.Tests.Grpc;

/// <summary>How a call ended.</summary>
/// <param name="TrailersOnly">The status came in the header block, not after a body.</param>
public sealed record GrpcAnswer(int HttpStatus, string? Status, string? Message, bool TrailersOnly, string? AcceptEncoding, IReadOnlyList<byte[]> Messages)
{
    public static async Task<GrpcAnswer> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        var trailersOnly = response.Headers.Contains("grpc-status");
        var fields = trailersOnly ? response.Headers : response.TrailingHeaders;
        return new GrpcAnswer(
            (int)response.StatusCode,
            fields.TryGetValues("grpc-status", out var status) ? status.Single() : null,
            fields.TryGetValues("grpc-message", out var message) ? message.Single() : null,
            trailersOnly,
            response.Headers.TryGetValues("grpc-accept-encoding", out var encoding) ? encoding.Single() : null,
            Split(body));
    }

    /// <summary>A message as it travels.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> message, byte flag = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    private static List<byte[]> Split(byte[] body)
    {
        var messages = new List<byte[]>();
        for (var at = 0; at < body.Length;)
        {
            Assert.Equal(0, body[at]);
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            messages.Add(body[(at + 5)..(at + 5 + length)]);
            at += 5 + length;
        }

        return messages;
    }
}
