using System.Diagnostics.Metrics;

namespace OrleansMesh.EmbeddedSilo;

/// <summary>The instruments of the meter <c>OrleansMesh.EmbeddedSilo</c>.</summary>
internal sealed class EmbeddedSiloMetrics : IDisposable
{
    private readonly Meter _meter = new("OrleansMesh.EmbeddedSilo");
    private readonly Counter<long> _calls;
    private int _activations;

    public EmbeddedSiloMetrics()
    {
        _calls = _meter.CreateCounter<long>("embedded_silo.calls", "{call}", "Calls sent to grains and observers.");
        _meter.CreateObservableGauge("embedded_silo.activations", () => Activations, "{grain}", "Grains that are active.");
    }

    public int Activations => Volatile.Read(ref _activations);

    public void Called() => _calls.Add(1);

    public void Activated() => Interlocked.Increment(ref _activations);

    public void Deactivated() => Interlocked.Decrement(ref _activations);

    public void Dispose() => _meter.Dispose();
}
