using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>
/// Cuts a request body into gRPC messages: a flag (0: plain, 1: compressed), the length (four bytes, big-endian), the message.
/// Source: grpc/grpc, doc/PROTOCOL-HTTP2.md and doc/compression.md.
/// </summary>
internal sealed class GrpcMessageReader(PipeReader body, string? encoding, int maxMessageBytes)
{
    private const int HeaderBytes = 5;

    private SequencePosition? _consumed;

    /// <summary>The next message, or null at the end of the body. What it returns is valid until the next call.</summary>
    /// <exception cref="GrpcException">The message is compressed or too long, or the body ends within it.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_consumed is { } consumed)
        {
            _consumed = null;
            body.AdvanceTo(consumed);
        }

        while (true)
        {
            var result = await body.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (TryTake(buffer, out var message))
            {
                _consumed = message.End;
                return message;
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted)
                continue;
            if (!buffer.IsEmpty)
                throw new GrpcException(GrpcStatusCode.Internal, "the request ends in the middle of a message");
            return null;
        }
    }

    private bool TryTake(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < HeaderBytes)
            return false;

        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        if (header[0] != 0)
            throw Compressed(header[0]);

        // Checked before the message has arrived, so that nobody can make this server hold more than the limit.
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (uint)maxMessageBytes)
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"a message of {length} bytes is above the limit of {maxMessageBytes} bytes");

        if (buffer.Length - HeaderBytes < length)
            return false;
        message = buffer.Slice(HeaderBytes, length);
        return true;
    }

    private GrpcException Compressed(byte flag)
    {
        if (flag != 1)
            return new GrpcException(GrpcStatusCode.Internal, $"a message's compression flag is {flag}, expected 0 or 1");
        return encoding is null or GrpcProtocol.Identity
            ? new GrpcException(GrpcStatusCode.Internal, "a message is flagged as compressed, but grpc-encoding names no compression")
            : new GrpcException(GrpcStatusCode.Unimplemented, $"grpc-encoding '{encoding}' is not supported, only '{GrpcProtocol.Identity}'");
    }
}
