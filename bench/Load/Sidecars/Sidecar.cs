using System.Diagnostics;
using OrleansMesh.Load.Transport;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Sidecars;

/// <summary>A sidecar: a connection of its own, the state of Envoy's xDS client, and what it is being watched for.</summary>
internal sealed class Sidecar : IDisposable
{
    /// <summary>Envoy's back-off as the control plane's bootstrap sets it.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly ServerAddress _server;
    private readonly string _path;
    private readonly XdsClient _xds;
    private readonly Lock _gate = new();
    private readonly List<Expectation> _expectations = [];
    private readonly CancellationTokenSource _leaving = new();
    private readonly TaskCompletionSource _configured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcConnection? _connection;
    private Task _running = Task.CompletedTask;
    private long _earlierBytes;
    private long _messages;
    private long _disconnects;
    private bool _hasLeft;

    public Sidecar(SimulatedProxy proxy, string? token, ServerAddress server, Variant variant, BodyCatalog bodies)
    {
        Proxy = proxy;
        Token = token;
        _server = server;
        _path = PathOf(variant);
        _xds = new XdsClient(variant, proxy.Node(), proxy.Listeners, bodies, Changed);
    }

    public SimulatedProxy Proxy { get; }

    public string? Token { get; }

    /// <summary>Completes when it holds everything that it needs for the first time.</summary>
    public Task Configured => _configured.Task;

    /// <summary>Why the last connection ended, or could not be made; null when none has ended.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>What it received since it was started.</summary>
    public Traffic Received
    {
        get
        {
            lock (_gate)
                return new(_messages, _xds.Resources, _xds.Resent, _earlierBytes + (_connection?.BytesReceived ?? 0), _disconnects);
        }
    }

    /// <summary>The method that a sidecar calls.</summary>
    public static string PathOf(Variant variant) => "/envoy.service.discovery.v3.AggregatedDiscoveryService/"
        + (variant == Variant.Delta ? "DeltaAggregatedResources" : "StreamAggregatedResources");

    /// <summary>Connects, and again whenever the connection ends, until it leaves.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Closes its connection, as a process does that ends.</summary>
    public async Task LeaveAsync()
    {
        await _leaving.CancelAsync();
        await _running;
        Expectation[] open;
        lock (_gate)
        {
            open = [.. _expectations];
            _expectations.Clear();
            _hasLeft = true;
        }

        foreach (var expectation in open)
            expectation.Change.Excuse(this);
    }

    /// <summary>Its connection breaks; it comes back by itself.</summary>
    public void Break()
    {
        lock (_gate)
            _connection?.Break();
    }

    public void Ping()
    {
        GrpcConnection? connection;
        lock (_gate)
            connection = _connection;
        connection?.Ping();
    }

    /// <summary>Watches for a change from now on.</summary>
    public void Expect(Change change)
    {
        lock (_gate)
        {
            // Whoever counted on it may not have noticed yet that it has gone.
            if (_hasLeft)
            {
                change.Excuse(this);
                return;
            }

            var holding = change.Types.SelectMany(t => _xds.HeldOf(t).Values).Count(h => h.Body!.Holds(change.Marker));
            _expectations.Add(new Expectation(change) { Holding = holding });
            Settle(Stopwatch.GetTimestamp());
        }
    }

    /// <summary>What it still needs, in words; empty when it has everything.</summary>
    public IReadOnlyList<string> Lacking()
    {
        lock (_gate)
            return [.. _xds.Lacking()];
    }

    /// <summary>Everything that it holds.</summary>
    public IReadOnlyDictionary<Reference, Body> Contents()
    {
        lock (_gate)
            return ResourceType.All.SelectMany(t => _xds.HeldOf(t).Select(h => (new Reference(t, h.Key), h.Value.Body!))).ToDictionary();
    }

    /// <summary>The endpoints that its workload reaches through one of its outbounds.</summary>
    public IReadOnlySet<string> EndpointsBehind(int outboundPort)
    {
        lock (_gate)
            return _xds.EndpointsBehind(SimulatedProxy.ListenerOf(outboundPort));
    }

    public void Dispose() => _leaving.Dispose();

    public override string ToString() => Proxy.Name;

    private async Task RunAsync()
    {
        var wait = FirstRetry;
        while (!_leaving.IsCancellationRequested)
        {
            var messages = _messages;
            try
            {
                using var connection = await GrpcConnection.OpenAsync(_server, _path, Token, Receive, _leaving.Token);
                lock (_gate)
                {
                    _connection = connection;
                    _xds.Connected(bytes => connection.Send(bytes));
                }

                LastFailure = await connection.ReadAsync(_leaving.Token);
            }
            catch (OperationCanceledException)
            {
            }
            catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
            {
                LastFailure = e.Message;
            }
            finally
            {
                lock (_gate)
                {
                    _earlierBytes += _connection?.BytesReceived ?? 0;
                    _connection = null;
                }
            }

            if (_leaving.IsCancellationRequested)
                return;
            Interlocked.Increment(ref _disconnects);
            wait = _messages > messages ? FirstRetry : wait;
            await Task.Delay(wait * Jitter(), _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < LongestRetry ? wait * 2 : LongestRetry;
        }
    }

#pragma warning disable CA5394 // Spreads reconnects; no secret depends on it.
    private static double Jitter() => Random.Shared.NextDouble();
#pragma warning restore CA5394

    private void Receive(ReadOnlySpan<byte> message)
    {
        var timestamp = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            _messages++;
            if (_connection is not { } connection)
                return;
            _xds.Receive(message, bytes => connection.Send(bytes));
            Settle(timestamp);
            if (!_configured.Task.IsCompleted && _xds.IsComplete)
                _configured.TrySetResult();
        }
    }

    private void Changed(ResourceType type, Body? before, Body? after)
    {
        foreach (var expectation in _expectations)
        {
            if (!expectation.Change.Types.Contains(type))
                continue;
            if (before?.Holds(expectation.Change.Marker) == true)
                expectation.Holding--;
            if (after?.Holds(expectation.Change.Marker) == true)
                expectation.Holding++;
        }
    }

    private void Settle(long timestamp)
    {
        for (var i = _expectations.Count - 1; i >= 0; i--)
        {
            var expectation = _expectations[i];
            if (expectation.Holding > 0 == expectation.Change.IsWithdrawal)
                continue;
            _expectations.RemoveAt(i);
            expectation.Change.ReachedBy(this, timestamp);
        }
    }

    private sealed class Expectation(Change change)
    {
        public Change Change { get; } = change;

        /// <summary>How many of its resources hold the marker.</summary>
        public int Holding { get; set; }
    }
}
