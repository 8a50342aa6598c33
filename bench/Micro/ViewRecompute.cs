using BenchmarkDotNet.Attributes;
using OrleansMesh.Domain.Views;

namespace OrleansMesh.Micro;

/// <summary>What a change of the mesh's permissions costs for each proxy before anything is translated.</summary>
[MemoryDiagnoser]
public class ViewRecompute
{
    private readonly ProxyView _known = Sample.View(Sample.Permissions.Govern(Sample.Tags(0)));

    /// <summary>Which of 1,001 permissions governs the inbound, and the view that follows.</summary>
    [Benchmark]
    public ProxyView Recompute() => Sample.View(Sample.Permissions.Govern(Sample.Tags(0)));

    /// <summary>The same, and that it is equal to the last one, so that nothing is sent.</summary>
    [Benchmark]
    public bool RecomputeAndCompare() => Sample.View(Sample.Permissions.Govern(Sample.Tags(0))) == _known;
}
