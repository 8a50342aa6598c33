using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace OrleansMesh.Load.Transport;

/// <summary>
/// One TLS connection with one gRPC stream on it, as cheap as it can be: no buffer is held while nothing comes, response header fields are not decoded,
/// and whatever one read gave rise to is written at once.
/// </summary>
/// <remarks>A client of general use (<see cref="HttpClient"/>) costs several times the processor time and memory for each connection.</remarks>
internal sealed class GrpcConnection : IFrameReceiver, IDisposable
{
    /// <summary>What the server may send unasked, in bytes; Envoy's own default for a stream.</summary>
    private const int Window = 16 * 1024 * 1024;

    private const int ReadSize = 16 * 1024;
    private const byte SettingInitialWindowSize = 4;

    private readonly Socket _socket;
    private readonly SslStream _tls;
    private readonly FrameReader _frames;
    private readonly MessageReader _messages;
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _blocked = new();
    private ArrayBufferWriter<byte> _outgoing = new(1024);
    private ArrayBufferWriter<byte>? _spare;
    private bool _writing;
    private bool _corked;
    private long _connectionRoom = 65_535;
    private long _streamRoom = 65_535;
    private long _initialStreamRoom = 65_535;
    private int _unreturned;
    private string? _ended;

    private GrpcConnection(Socket socket, SslStream tls, Action<ReadOnlySpan<byte>> received)
    {
        _socket = socket;
        _tls = tls;
        _frames = new FrameReader(this);
        _messages = new MessageReader(received);
    }

    /// <summary>Bytes that came, TLS taken off.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Connects, and begins the call. Nothing is received before <see cref="ReadAsync"/>.</summary>
    /// <param name="received">Takes each message of the server; its bytes are valid until it returns.</param>
    /// <exception cref="IOException">The server cannot be reached, or is not the one that was meant.</exception>
    public static async Task<GrpcConnection> OpenAsync(
        ServerAddress server, string path, string? token, Action<ReadOnlySpan<byte>> received, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellation);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsClientAsync(server.Tls, cancellation);
            if (tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
                throw new IOException("the server does not speak HTTP/2");
            var connection = new GrpcConnection(socket, tls, received);
            FrameWriter.Preface(connection._outgoing, Window);
            FrameWriter.Headers(connection._outgoing, $"{server.Host}:{server.Port}", path, token);
            return connection;
        }
        catch (Exception e) when (e is SocketException or System.Security.Authentication.AuthenticationException)
        {
            tls?.Dispose();
            socket.Dispose();
            throw new IOException(e.Message, e);
        }
        catch
        {
            tls?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message; it is written as soon as the server's windows allow. May be called from anywhere.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        var framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsSpan(5));
        lock (_gate)
        {
            _blocked.Enqueue(framed);
            Unblock();
        }

        Flush();
    }

    /// <summary>Asks the server for a sign of life, as Envoy does.</summary>
    public void Ping()
    {
        lock (_gate)
            FrameWriter.Ping(_outgoing, "mesh-up?"u8, ack: false);
        Flush();
    }

    /// <summary>Receives until the call or the connection ends.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<string> ReadAsync(CancellationToken cancellation)
    {
        Flush();
        while (true)
        {
            // Waits without a buffer.
#pragma warning disable CA2022 // Reads nothing.
            await _tls.ReadAsync(Memory<byte>.Empty, cancellation);
#pragma warning restore CA2022
            var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
            try
            {
                var read = await _tls.ReadAsync(buffer, cancellation);
                if (read == 0)
                    return _ended ?? "the server closed the connection";
                BytesReceived += read;
                lock (_gate)
                    _corked = true;
                _frames.Feed(buffer.AsSpan(0, read));
                lock (_gate)
                    _corked = false;
                Flush();
                if (_ended is not null)
                    return _ended;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Ends the connection without a word, under whoever reads.</summary>
    public void Break() => _socket.Dispose();

    public void Dispose()
    {
        _socket.Dispose();
        _tls.Dispose();
        _messages.Dispose();
    }

    void IFrameReceiver.Data(ReadOnlySpan<byte> piece) => _messages.Feed(piece);

    void IFrameReceiver.DataEnded(int size, bool endsStream)
    {
        _unreturned += size;
        if (_unreturned >= Window / 2)
        {
            lock (_gate)
            {
                FrameWriter.WindowUpdate(_outgoing, 0, _unreturned);
                FrameWriter.WindowUpdate(_outgoing, FrameWriter.Stream, _unreturned);
            }

            _unreturned = 0;
        }

        if (endsStream)
            _ended = "the server ended the call";
    }

    void IFrameReceiver.Frame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.Headers when (flags & FrameFlags.EndStream) != 0:
                _ended = "the server ended the call";
                break;
            case FrameType.ResetStream:
                _ended = $"the server reset the call (code {BinaryPrimitives.ReadInt32BigEndian(payload)})";
                break;
            case FrameType.GoAway:
                _ended = $"the server closes the connection (code {BinaryPrimitives.ReadInt32BigEndian(payload[4..])})";
                break;
            case FrameType.Settings when (flags & FrameFlags.Ack) == 0:
                Adopt(payload);
                break;
            case FrameType.Ping when (flags & FrameFlags.Ack) == 0:
                lock (_gate)
                    FrameWriter.Ping(_outgoing, payload, ack: true);
                break;
            case FrameType.WindowUpdate:
                lock (_gate)
                {
                    var room = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
                    if (stream == 0)
                        _connectionRoom += room;
                    else
                        _streamRoom += room;
                    Unblock();
                }

                break;
        }
    }

    private void Adopt(ReadOnlySpan<byte> settings)
    {
        lock (_gate)
        {
            for (; settings.Length >= 6; settings = settings[6..])
            {
                if (BinaryPrimitives.ReadInt16BigEndian(settings) != SettingInitialWindowSize)
                    continue;
                var room = BinaryPrimitives.ReadInt32BigEndian(settings[2..]) & int.MaxValue;
                _streamRoom += room - _initialStreamRoom;
                _initialStreamRoom = room;
            }

            FrameWriter.SettingsAck(_outgoing);
            Unblock();
        }
    }

    private void Unblock()
    {
        while (_blocked.TryPeek(out var message) && message.Length <= Math.Min(_connectionRoom, _streamRoom))
        {
            _connectionRoom -= message.Length;
            _streamRoom -= message.Length;
            FrameWriter.Data(_outgoing, _blocked.Dequeue());
        }
    }

    private void Flush()
    {
        lock (_gate)
        {
            if (_writing || _corked || _outgoing.WrittenCount == 0)
                return;
            _writing = true;
        }

        _ = WriteAsync();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                ArrayBufferWriter<byte> batch;
                lock (_gate)
                {
                    if (_outgoing.WrittenCount == 0)
                    {
                        _writing = false;
                        return;
                    }

                    batch = _outgoing;
                    _outgoing = _spare ?? new ArrayBufferWriter<byte>(256);
                    _spare = null;
                }

                await _tls.WriteAsync(batch.WrittenMemory);
                batch.ResetWrittenCount();

                // A large buffer was needed for the first messages only.
                if (batch.Capacity <= 1024)
                {
                    lock (_gate)
                        _spare = batch;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader learns it too, and says so.
            _socket.Dispose();
        }
    }
}
