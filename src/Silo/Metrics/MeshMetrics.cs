using System.Diagnostics.Metrics;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Silo.Index;

namespace OrleansMesh.Silo.Metrics;

/// <summary>What of the meshes should wake somebody, counted in the index when it is asked for.</summary>
internal sealed class MeshMetrics : IDisposable
{
    private readonly Meter _meter = new("OrleansMesh.Meshes");
    private readonly ResourceIndex _index;

    public MeshMetrics(ResourceIndex index)
    {
        _index = index;
        _meter.CreateObservableGauge(
            "mesh.certificate_failures", CertificateFailures, "{proxy}", "Proxies for which an authority signs no certificate, by mesh and backend.");
        _meter.CreateObservableGauge("mesh.permissive", Permissive, "{mesh}", "1 for each mesh whose mutual TLS is PERMISSIVE: plain traffic is let in without identity.");
        _meter.CreateObservableGauge("mesh.quarantined_proxies", Quarantined, "{proxy}", "Proxies that are shut out of their mesh.");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Permissive()
        => _index.Current.PresentMeshes.Where(m => m.State.Mesh!.EnabledBackend?.Mode is MtlsMode.Permissive)
            .Select(m => new Measurement<long>(1, new KeyValuePair<string, object?>("mesh", m.State.Mesh!.Name)));

    private IEnumerable<Measurement<long>> Quarantined()
        => _index.Current.PresentMeshes.Where(m => m.State.Quarantines.Count > 0)
            .Select(m => new Measurement<long>(m.State.QuarantinedProxies.Count, new KeyValuePair<string, object?>("mesh", m.State.Mesh!.Name)));

    private IEnumerable<Measurement<long>> CertificateFailures()
        => from mesh in _index.Current.PresentMeshes
           from failing in mesh.Dataplanes.Where(d => d.Proxy.CertificateFailingSince is not null).GroupBy(d => d.Proxy.State.CertificateFailure!.Backend)
           select new Measurement<long>(failing.LongCount(), new("mesh", mesh.State.Mesh!.Name), new("backend", failing.Key));
}
