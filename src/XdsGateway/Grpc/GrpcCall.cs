using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace OrleansMesh.XdsGateway.Grpc;

/// <summary>
/// One call of a bidirectional streaming method. Reading and writing may go on at the same time; two reads, or two writes, may not.
/// </summary>
public sealed class GrpcCall
{
    /// <summary>Written bytes above which a write also flushes, so that a long message to a slow client is not held in memory as a whole.</summary>
    private const int FlushAbove = 64 * 1024;

    private readonly GrpcMessageReader _reader;
    private readonly PipeWriter _writer;

    internal GrpcCall(HttpContext http, int maxMessageBytes, CancellationToken cancelled)
    {
        Http = http;
        Cancelled = cancelled;
        string? encoding = http.Request.Headers[GrpcProtocol.Encoding];
        _reader = new GrpcMessageReader(http.Request.BodyReader, encoding, maxMessageBytes);
        _writer = http.Response.BodyWriter;
    }

    /// <summary>The request: its metadata are <c>Http.Request.Headers</c>, its peer is <c>Http.Connection</c>.</summary>
    public HttpContext Http { get; }

    /// <summary>Set when the client has gone, its deadline has passed, or the server stops.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>
    /// The client's next message, or null when the client will send no more (it may still read). The bytes are valid until the next read.
    /// </summary>
    /// <exception cref="GrpcException">What the client sent is no message, or one above the limit. Let it end the call.</exception>
    public ValueTask<ReadOnlySequence<byte>?> ReadAsync() => _reader.ReadAsync(Cancelled);

    /// <inheritdoc cref="ReadAsync()"/>
    /// <param name="cancellationToken">Ends the wait, instead of <see cref="Cancelled"/>.</param>
    public ValueTask<ReadOnlySequence<byte>?> ReadAsync(CancellationToken cancellationToken) => _reader.ReadAsync(cancellationToken);

    /// <summary>
    /// Writes one message that consists of <paramref name="segments"/>, one after the other. It is on its way after the next
    /// <see cref="FlushAsync"/>, so that several messages may share one flush.
    /// </summary>
    public async ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        long length = 0;
        foreach (var segment in segments)
            length += segment.Length;
        await WriteHeaderAsync(length);
        foreach (var segment in segments)
        {
            _writer.Write(segment.Span);
            if (_writer.UnflushedBytes > FlushAbove)
                await FlushAsync();
        }
    }

    /// <inheritdoc cref="WriteAsync(IReadOnlyList{ReadOnlyMemory{byte}})"/>
    public async ValueTask WriteAsync(ReadOnlySequence<byte> message)
    {
        await WriteHeaderAsync(message.Length);
        foreach (var segment in message)
        {
            _writer.Write(segment.Span);
            if (_writer.UnflushedBytes > FlushAbove)
                await FlushAsync();
        }
    }

    /// <summary>Sends what was written. Completes when the client, by HTTP/2 flow control, has room for more.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled, or the client has gone.</exception>
    public async ValueTask FlushAsync()
    {
        var result = await _writer.FlushAsync(Cancelled);
        if (result.IsCanceled || result.IsCompleted)
            throw new OperationCanceledException("the client has gone");
    }

    private async ValueTask WriteHeaderAsync(long length)
    {
        Cancelled.ThrowIfCancellationRequested();

        // From here on the status must travel in the trailers.
        if (!Http.Response.HasStarted)
            await Http.Response.StartAsync(Cancelled);
        WriteHeader(length);
    }

    private void WriteHeader(long length)
    {
        var header = _writer.GetSpan(5);
        header[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], checked((uint)length));
        _writer.Advance(5);
    }
}
