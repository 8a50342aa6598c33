using System.Net;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A request body that goes on while the response is read already, as in a gRPC stream; a <see cref="StreamContent"/> is sent to its end first.</summary>
internal sealed class DuplexContent : HttpContent
{
    private readonly Stream _body;

    public DuplexContent(Stream body)
    {
        _body = body;
        Headers.ContentType = new("application/grpc");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        await stream.FlushAsync(cancellationToken);
        int read;
        while ((read = await _body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
