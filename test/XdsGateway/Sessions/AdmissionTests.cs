using System.Diagnostics.Metrics;
using OrleansMesh.Grains.Tests.Hosting;
using OrleansMesh.XdsGateway.Sessions;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

public sealed class AdmissionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly ManualTime _time = new();
    private readonly GatewayMetrics _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _measured = [];
    private readonly Admission _admission;

    public AdmissionTests()
    {
        _admission = new Admission("test", 2, Limit, _time, _metrics);
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (_measured)
                _measured[instrument.Name] = _measured.GetValueOrDefault(instrument.Name) + value;
        });
        foreach (var instrument in (Instrument[])[_metrics.AdmissionWaiting, _metrics.Admitted, _metrics.AdmissionOverdue])
            _listener.EnableMeasurementEvents(instrument);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _admission.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task WhoCameFirstIsLetInFirst()
    {
        var (first, second) = (await EnterAsync(), await EnterAsync());
        var waiting = Enumerable.Range(0, 5).Select(_ => EnterAsync()).ToArray();
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        Assert.Equal(5, Measured("xds.admission.waiting"));

        second.Dispose();
        (await waiting[0]).Dispose();
        first.Dispose();
        for (var i = 1; i < waiting.Length; i++)
        {
            var place = await waiting[i];
            Assert.All(waiting.Skip(i + 2), later => Assert.False(later.IsCompleted));
            place.Dispose();
        }

        Assert.Equal((0, 7), (Measured("xds.admission.waiting"), Measured("xds.admission.admitted")));
    }

    [Fact]
    public async Task WhoGoesWhileItWaitsIsNotWaitedFor()
    {
        var (first, _) = (await EnterAsync(), await EnterAsync());
        using var goes = new CancellationTokenSource();
        var gone = _admission.EnterAsync(goes.Token).AsTask();
        var next = EnterAsync();

        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.Equal(1, Measured("xds.admission.waiting"));

        first.Dispose();
        await next;
    }

    [Fact]
    public async Task APlaceIsGivenBackOnce()
    {
        var (first, _) = (await EnterAsync(), await EnterAsync());
        var (third, fourth) = (EnterAsync(), EnterAsync());

        first.Dispose();
        first.Dispose();

        await third;
        Assert.False(fourth.IsCompleted);
    }

    [Fact]
    public async Task APlaceThatIsHeldForLongIsGivenToTheNextAndNotTwice()
    {
        var (first, second) = (await EnterAsync(), await EnterAsync());
        var (third, fourth, fifth) = (EnterAsync(), EnterAsync(), EnterAsync());

        _time.Advance(Limit);
        Assert.False(third.IsCompleted);
        _time.Advance(Limit);
        await Task.WhenAll(third, fourth);
        Assert.Equal(2, Measured("xds.admission.overdue"));

        first.Dispose();
        second.Dispose();
        Assert.False(fifth.IsCompleted);
        (await third).Dispose();
        await fifth;
    }

    [Fact]
    public async Task WhileNobodyWaitsAPlaceIsKept()
    {
        var (first, _) = (await EnterAsync(), await EnterAsync());
        _time.Advance(TimeSpan.FromDays(1));

        var third = EnterAsync();
        _time.Advance(Limit);
        Assert.False(third.IsCompleted);
        first.Dispose();
        await third;
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, Measured("xds.admission.overdue"));
    }

    /// <summary>Many at once, on several threads, some of whom go: never more are in than there are places, and everybody who stays gets in.</summary>
    [Fact]
    public async Task NeverAreMoreInThanThereArePlaces()
    {
        var (inside, most, served) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(async () =>
        {
            using var goes = new CancellationTokenSource();
            if (i % 5 == 0)
                goes.CancelAfter(i % 7);
            try
            {
                using var place = await _admission.EnterAsync(goes.Token);
                InterlockedMax(ref most, Interlocked.Increment(ref inside));
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                Interlocked.Increment(ref served);
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(0, i % 5);
            }
        })));

        Assert.InRange(most, 1, 2);
        Assert.InRange(served, 1600, 2000);
        Assert.Equal((0, served), (Measured("xds.admission.waiting"), Measured("xds.admission.admitted")));
        await Task.WhenAll(EnterAsync(), EnterAsync());
    }

    private Task<Admission.Place> EnterAsync() => _admission.EnterAsync(CancellationToken.None).AsTask();

    private long Measured(string instrument)
    {
        lock (_measured)
            return _measured.GetValueOrDefault(instrument);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
