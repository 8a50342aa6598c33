using BenchmarkDotNet.Attributes;
using OrleansMesh.Domain.Services;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;
using OrleansMesh.Translation;
using OrleansMesh.Translation.Endpoints;

namespace OrleansMesh.Micro;

/// <summary>From what a proxy has to do to the bytes that Envoy is sent.</summary>
[MemoryDiagnoser]
public class Translation
{
    private static readonly EndpointSelection Selection = new(Sample.Service(1), TagSet.Empty);

    private readonly ProxyView _view = Sample.View(Sample.Allowing("web"));
    private readonly ProxyView _other = Sample.View(Sample.Allowing("shop"));
    private readonly SnapshotTranslator _translator = new();
    private readonly ValueList<Endpoint> _replicas = Sample.Replicas(1, 100);
    private ProxySnapshot? _snapshot;
    private int _round;

    /// <summary>All resources of a proxy with 20 outbounds.</summary>
    [Benchmark]
    public ProxySnapshot WholeSnapshot() => SnapshotTranslation.Translate(_view);

    /// <summary>The same proxy's next snapshot, of which only the permission differs.</summary>
    [Benchmark]
    public ProxySnapshot AnotherPermission()
        => _snapshot = _translator.Translate(_round++ % 2 == 0 ? _view : _other, _snapshot);

    /// <summary>A service of 100 replicas; done once for all its callers.</summary>
    [Benchmark]
    public EncodedResource EndpointsOfAService() => EndpointTranslation.ForService(Selection, _replicas);
}
