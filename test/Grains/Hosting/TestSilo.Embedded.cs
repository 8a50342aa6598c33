using Microsoft.Extensions.DependencyInjection;
using OrleansMesh.EmbeddedSilo;
using OrleansMesh.Grains.Meshes;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>A silo with our grains over services of the test's: the embedded one.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly EmbeddedSiloHost _silo;

    private TestSilo(EmbeddedSiloHost silo) => _silo = silo;

    public IGrainFactory Grains => _silo.GrainFactory;

    public int ActiveGrains => _silo.ActiveGrains;

    public static TestSilo Start(IServiceCollection services) => new(EmbeddedSiloHost.Start(services, null, typeof(MeshGrain).Assembly));

    public ValueTask DisposeAsync() => _silo.DisposeAsync();
}
