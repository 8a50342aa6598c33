using BenchmarkDotNet.Attributes;
using OrleansMesh.Domain.Policies;
using OrleansMesh.Domain.Values;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Micro;

/// <summary>What a change of the mesh's permissions costs for each proxy before anything is translated.</summary>
[MemoryDiagnoser]
public class ViewRecompute
{
    private readonly PermissionIndex _permissions = Sample.Permissions;
    private readonly TagSet _inbound = Sample.Tags(0);
    private readonly ProxyView _known = Sample.View(Sample.Permissions.Govern(Sample.Tags(0)));

    /// <summary>Which of 1,001 permissions governs the inbound, and the view that follows.</summary>
    [Benchmark]
    public ProxyView Recompute() => Sample.View(_permissions.Govern(_inbound));

    /// <summary>The same, and that it is equal to the last one, so that nothing is sent.</summary>
    [Benchmark]
    public bool RecomputeAndCompare() => Sample.View(_permissions.Govern(_inbound)) == _known;
}
