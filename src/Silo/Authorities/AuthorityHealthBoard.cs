using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Silo.Authorities;

/// <summary>Which authorities can sign, as last seen: for metrics and for whoever asks.</summary>
internal sealed class AuthorityHealthBoard : IDisposable
{
    public const string MeterName = "OrleansMesh.Authorities";

    private readonly ConcurrentDictionary<(string Mesh, string Backend), IReadOnlyList<AuthorityHealth>> _seen = new();
    private readonly Meter _meter = new(MeterName);

    public AuthorityHealthBoard(TimeProvider time)
    {
        _meter.CreateObservableGauge(
            "authority.can.sign",
            () => All((_, health) => health.Problem is null ? 1 : 0),
            description: "Whether the authority's key can be had and it has not expired: 1, or 0.");
        _meter.CreateObservableGauge(
            "authority.days.left",
            () => All((_, health) => (health.NotAfter - time.GetUtcNow()).TotalDays),
            description: "Days until the authority's certificate ends.");
    }

    /// <summary>Why the authority cannot sign; null: it can, or it was not looked at yet.</summary>
    public AuthorityHealth? Find(string mesh, string authorityId)
        => _seen.Where(s => s.Key.Mesh == mesh).SelectMany(s => s.Value).FirstOrDefault(h => h.AuthorityId == authorityId);

    public void Saw(string mesh, string backend, IReadOnlyList<AuthorityHealth> health) => _seen[(mesh, backend)] = health;

    public void Forget(string mesh, string backend) => _seen.TryRemove((mesh, backend), out _);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> All(Func<string, AuthorityHealth, double> value)
        => _seen.SelectMany(s => s.Value.Select(h => new Measurement<double>(
            value(s.Key.Mesh, h),
            new("mesh", s.Key.Mesh),
            new("backend", s.Key.Backend),
            new("authority", h.AuthorityId))));
}
