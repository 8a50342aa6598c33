using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>
/// Stands between a server and PostgreSQL, without TLS, and is the network that fails: drops everything in silence, cuts connections, or loses notifications.
/// </summary>
public sealed class PostgresRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly HashSet<TcpClient> _sockets = [];
    private readonly Task _accepting;
    private TaskCompletionSource _open = Opened();
    private volatile bool _losesNotifications;
    private volatile bool _keepsAnswers;
    private byte[]? _fuse;

    public PostgresRelay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many notifications were lost.</summary>
    public int Lost { get; private set; }

    /// <summary>From now on nothing passes, in either direction, and nobody is told: packets are dropped.</summary>
    public void Partition()
    {
        lock (_gate)
        {
            if (_open.Task.IsCompleted)
                _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Everything passes again; what was kept back too.</summary>
    public void Heal()
    {
        _keepsAnswers = false;
        lock (_gate)
            _open.TrySetResult();
    }

    /// <summary>Partition as soon as a client sends these bytes, which do not arrive.</summary>
    public void PartitionWhenSent(ReadOnlySpan<byte> bytes) => Volatile.Write(ref _fuse, bytes.ToArray());

    /// <summary>What clients send arrives, and no answer comes back.</summary>
    public void KeepAnswers() => _keepsAnswers = true;

    public void LoseNotifications(bool lose) => _losesNotifications = lose;

    /// <summary>Closes every connection.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var socket in _sockets)
                socket.Close();
            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _ended.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_ended.Token);
                var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _target, _ended.Token);
                lock (_gate)
                {
                    _sockets.Add(client);
                    _sockets.Add(server);
                }

                _ = RelayAsync(client, server, ForwardAsync);
                _ = RelayAsync(server, client, AnswerAsync);
            }
            catch (SocketException) when (!_ended.IsCancellationRequested)
            {
                // PostgreSQL is down: so is the way to it.
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task RelayAsync(TcpClient from, TcpClient to, Func<NetworkStream, NetworkStream, Task> relay)
    {
        try
        {
            await relay(from.GetStream(), to.GetStream());
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The connection was closed, by its ends or by the test.
        }

        from.Close();
        to.Close();
    }

    private async Task ForwardAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
        {
            if (Volatile.Read(ref _fuse) is { } fuse && buffer.AsSpan(0, count).IndexOf(fuse) >= 0)
            {
                Volatile.Write(ref _fuse, null);
                Partition();
            }

            await _open.Task.WaitAsync(_ended.Token);
            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    /// <summary>Message by message (https://www.postgresql.org/docs/15/protocol-message-formats.html): a type, a length that counts itself, a body.</summary>
    private async Task AnswerAsync(NetworkStream from, NetworkStream to)
    {
        var head = new byte[5];
        while (await from.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            var message = new byte[1 + BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
            head.CopyTo(message, 0);
            await from.ReadExactlyAsync(message.AsMemory(head.Length));
            await _open.Task.WaitAsync(_ended.Token);
            if (_keepsAnswers)
                continue;
            if (message[0] == (byte)'A' && _losesNotifications)
            {
                Lost++;
                continue;
            }

            await to.WriteAsync(message);
        }
    }
}
