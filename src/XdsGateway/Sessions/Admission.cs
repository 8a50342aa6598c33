namespace OrleansMesh.XdsGateway.Sessions;

/// <summary>
/// Lets so many in at a time; the others wait, and are let in in the order in which they came. Whoever waits costs a place in a list. A place that is not given back
/// for long while others wait is given to the next one: who holds one may be slow, or up to something, and holds up nobody for good.
/// </summary>
public sealed class Admission : IDisposable
{
    private readonly int _places;
    private readonly TimeSpan _limit;
    private readonly GatewayMetrics _metrics;
    private readonly KeyValuePair<string, object?> _stage;
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<Place>> _waiting = new();

    /// <summary>In the order in which they were admitted.</summary>
    private readonly LinkedList<Place> _held = new();

    private readonly ITimer _timer;
    private bool _ticking;
    private long _ticks;

    /// <param name="stage">What is done in a place, for the metrics.</param>
    /// <param name="places">How many may be in at a time.</param>
    /// <param name="limit">While others wait, a place is given to the next when it has been held for between this and twice this.</param>
    public Admission(string stage, int places, TimeSpan limit, TimeProvider time, GatewayMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(time);
        _stage = new("stage", stage);
        _places = places;
        _limit = limit;
        _metrics = metrics;
        _timer = time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for its turn.</summary>
    /// <returns>The place, to be disposed of as soon as what it was for is done.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before its turn came: others do not wait for it.</exception>
    public async ValueTask<Place> EnterAsync(CancellationToken cancelled)
    {
        cancelled.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource<Place>> waiter;
        lock (_gate)
        {
            if (_held.Count < _places)
                return Admit();
            waiter = _waiting.AddLast(new TaskCompletionSource<Place>(TaskCreationOptions.RunContinuationsAsynchronously));
            _metrics.AdmissionWaiting.Add(1, _stage);
            Watch();
        }

        await using (cancelled.UnsafeRegister((_, token) => Leave(waiter, token), null))
            return await waiter.Value.Task;
    }

    public void Dispose() => _timer.Dispose();

    private void Leave(LinkedListNode<TaskCompletionSource<Place>> waiter, CancellationToken cancelled)
    {
        lock (_gate)
        {
            // Its turn has come: it gives the place back itself.
            if (waiter.List is null)
                return;
            _waiting.Remove(waiter);
            _metrics.AdmissionWaiting.Add(-1, _stage);
        }

        waiter.Value.TrySetCanceled(cancelled);
    }

    private void GiveBack(Place place)
    {
        lock (_gate)
        {
            if (place.Held.List is null)
                return;
            _held.Remove(place.Held);
            AdmitNext();
        }
    }

    private Place Admit()
    {
        var place = new Place(this, _ticks);
        _held.AddLast(place.Held);
        _metrics.Admitted.Add(1, _stage);
        return place;
    }

    private void AdmitNext()
    {
        while (_held.Count < _places && _waiting.First is { } next)
        {
            _waiting.RemoveFirst();
            _metrics.AdmissionWaiting.Add(-1, _stage);
            next.Value.SetResult(Admit());
        }
    }

    /// <summary>Ticks while somebody waits, and at no other time.</summary>
    private void Watch()
    {
        if (_ticking)
            return;
        _ticking = true;
        _timer.Change(_limit, Timeout.InfiniteTimeSpan);
    }

    private void Tick()
    {
        lock (_gate)
        {
            _ticking = false;
            _ticks++;

            // One that was there at the last tick has had at least the time between the two.
            while (_waiting.Count > 0 && _held.First is { } oldest && oldest.Value.Since < _ticks - 1)
            {
                _held.RemoveFirst();
                _metrics.AdmissionOverdue.Add(1, _stage);
                AdmitNext();
            }

            if (_waiting.Count > 0)
                Watch();
        }
    }

    /// <summary>One that was let in.</summary>
    public sealed class Place : IDisposable
    {
        private readonly Admission _admission;

        internal Place(Admission admission, long since)
        {
            _admission = admission;
            Since = since;
            Held = new LinkedListNode<Place>(this);
        }

        /// <summary>The tick at which it was given.</summary>
        internal long Since { get; }

        internal LinkedListNode<Place> Held { get; }

        /// <summary>Gives it back, once; a place that was overdue has been given to another already.</summary>
        public void Dispose() => _admission.GiveBack(this);
    }
}
