using System.Buffers;
using System.Text;
using OrleansMesh.Load.Transport;

namespace OrleansMesh.Load.Tests.Transport;

/// <summary>Frames come out the same wherever the bytes that hold them are cut.</summary>
public sealed class FrameReaderTests
{
    [Fact]
    public void Frames_are_the_same_wherever_their_bytes_are_cut()
    {
        var bytes = new ArrayBufferWriter<byte>();
        FrameWriter.SettingsAck(bytes);
        FrameWriter.Data(bytes, "first"u8);
        FrameWriter.Ping(bytes, "12345678"u8, ack: false);
        FrameWriter.Data(bytes, Encoding.ASCII.GetBytes(new string('x', FrameWriter.MaxPayload + 7)));
        bytes.Write<byte>([0, 0, 6, (byte)FrameType.Data, FrameFlags.Padded | FrameFlags.EndStream, 0, 0, 0, 1, 2, (byte)'e', (byte)'n', (byte)'d', 0, 0]);
        string[] expected =
        [
            "Settings 1 ", "data first", "ended 5 False", "Ping 0 12345678", $"data {new string('x', FrameWriter.MaxPayload)}", "ended 16384 False",
            $"data {new string('x', 7)}", "ended 7 False", "data end", "ended 6 True",
        ];

        foreach (var size in (int[])[1, 2, 3, 5, 8, 9, 10, 100, 16_384, int.MaxValue])
            Assert.Equal(expected, Read(bytes.WrittenSpan, size));
    }

    [Fact]
    public void A_frame_that_is_longer_than_agreed_is_refused()
        => Assert.Throws<InvalidDataException>(() => Read([1, 0, 0, 0, 0, 0, 0, 0, 0], 100));

    [Fact]
    public void Messages_are_the_same_wherever_their_bytes_are_cut()
    {
        byte[] bytes = [0, 0, 0, 0, 3, (byte)'o', (byte)'n', (byte)'e', 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, .. "three"u8];
        for (var size = 1; size <= bytes.Length; size++)
        {
            var messages = new List<string>();
            using var reader = new MessageReader(message => messages.Add(Encoding.ASCII.GetString(message)));
            foreach (var piece in bytes.Chunk(size))
                reader.Feed(piece);
            Assert.Equal(["one", "", "three"], messages);
        }
    }

    private static List<string> Read(ReadOnlySpan<byte> bytes, int size)
    {
        var log = new Log();
        var reader = new FrameReader(log);
        for (; bytes.Length > 0; bytes = bytes[Math.Min(size, bytes.Length)..])
            reader.Feed(bytes[..Math.Min(size, bytes.Length)]);
        return log.Frames;
    }

    /// <summary>What a reader cut, with the pieces of one DATA frame put together again.</summary>
    private sealed class Log : IFrameReceiver
    {
        private string _data = "";

        public List<string> Frames { get; } = [];

        public void Data(ReadOnlySpan<byte> piece) => _data += Encoding.ASCII.GetString(piece);

        public void DataEnded(int size, bool endsStream)
        {
            Frames.Add($"data {_data}");
            Frames.Add($"ended {size} {endsStream}");
            _data = "";
        }

        public void Frame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload) => Frames.Add($"{type} {flags} {Encoding.ASCII.GetString(payload)}");
    }
}
