using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace OrleansMesh.EventStore.Transfer;

/// <summary>Cuts a stream into lines, of which each is valid until the next one is asked for.</summary>
internal static class ExportedLines
{
    /// <summary>Lines with the line feed at their end; the last one has none when the stream ends without.</summary>
    /// <exception cref="ExportedLogException">A line is longer than any that was written.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 128 * 1024, leaveOpen: true));
        try
        {
            for (var line = 1L; ;)
            {
                var read = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
                var buffer = read.Buffer;
                while (TryCut(ref buffer, read.IsCompleted, out var cut))
                {
                    yield return cut.IsSingleSegment ? cut.First : cut.ToArray();
                    line++;
                }

                if (buffer.Length > LogFormat.LineBytes)
                    throw new ExportedLogException(line, 0, $"it is longer than {LogFormat.LineBytes} bytes, as no line is");
                if (read.IsCompleted)
                    yield break;
                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryCut(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is { } end)
            line = buffer.Slice(0, buffer.GetPosition(1, end));
        else if (isLast && !buffer.IsEmpty)
            line = buffer;
        else
            return false;
        buffer = buffer.Slice(line.End);
        return true;
    }
}
