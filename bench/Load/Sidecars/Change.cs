using System.Diagnostics;
using System.Text;
using OrleansMesh.Load.Xds;

namespace OrleansMesh.Load.Sidecars;

/// <summary>
/// One change of the mesh on its way to sidecars. It has reached a sidecar when what that holds has the change's marker in it, or, for a withdrawal, has it in
/// it no longer.
/// </summary>
/// <param name="what">The change in words, for reports.</param>
/// <param name="types">The types of the resources that may bear the marker.</param>
/// <param name="marker">Bytes that nothing else holds.</param>
internal sealed class Change(string what, IReadOnlyList<ResourceType> types, byte[] marker, bool isWithdrawal)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Sidecar> _waiting = [];
    private readonly List<double> _latencies = [];
    private readonly List<Sidecar> _early = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _started;
    private bool _sealed;
    private bool _closed;

    public string What => what;

    public IReadOnlyList<ResourceType> Types => types;

    public ReadOnlySpan<byte> Marker => marker;

    public bool IsWithdrawal => isWithdrawal;

    /// <summary>Milliseconds from <see cref="Start"/> to each receiver that has it.</summary>
    public IReadOnlyList<double> Latencies
    {
        get
        {
            lock (_gate)
                return [.. _latencies];
        }
    }

    /// <summary>Who had it before it was made, so that nothing could be measured.</summary>
    public IReadOnlyList<Sidecar> Early
    {
        get
        {
            lock (_gate)
                return [.. _early];
        }
    }

    /// <summary>Who has not got it.</summary>
    public IReadOnlyList<Sidecar> Waiting
    {
        get
        {
            lock (_gate)
                return [.. _waiting];
        }
    }

    /// <summary>An endpoint address as it stands in an encoded <c>SocketAddress</c>: the field's tag, the length and the text, so that none is part of another.</summary>
    public static byte[] AddressMarker(string address) => [0x12, (byte)address.Length, .. Encoding.ASCII.GetBytes(address)];

    /// <summary>The clock runs from here, and these are to get it. Call it before the change is made.</summary>
    public void Start(IEnumerable<Sidecar> receivers)
    {
        foreach (var receiver in receivers)
        {
            lock (_gate)
                _waiting.Add(receiver);
            receiver.Expect(this);
        }

        lock (_gate)
        {
            _started = Stopwatch.GetTimestamp();
            _sealed = true;
            CompleteWhenDone();
        }
    }

    public void ReachedBy(Sidecar sidecar, long timestamp)
    {
        lock (_gate)
        {
            if (_closed || !_waiting.Remove(sidecar))
                return;
            // Before the start it was in the state already: nothing had to reach it.
            if (_sealed)
                _latencies.Add(Stopwatch.GetElapsedTime(_started, timestamp).TotalMilliseconds);
            else
                _early.Add(sidecar);
            CompleteWhenDone();
        }
    }

    /// <summary>Waits until every receiver has it. Who has not when time is up has missed it, even if it should come later.</summary>
    public async Task DeliveredAsync(TimeSpan patience)
    {
        await Task.WhenAny(_done.Task, Task.Delay(patience));
        lock (_gate)
            _closed = true;
    }

    /// <summary>The sidecar has left and need not get it.</summary>
    public void Excuse(Sidecar sidecar)
    {
        lock (_gate)
        {
            if (!_closed)
                _waiting.Remove(sidecar);
            CompleteWhenDone();
        }
    }

    private void CompleteWhenDone()
    {
        if (_sealed && _waiting.Count == 0)
            _done.TrySetResult();
    }
}
