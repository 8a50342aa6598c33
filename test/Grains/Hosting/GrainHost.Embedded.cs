using Microsoft.Extensions.DependencyInjection;
using OrleansMesh.EmbeddedSilo;
using OrleansMesh.Grains.Meshes;

namespace OrleansMesh.Grains.Tests.Hosting;

/// <summary>What runs the grains of a test: the embedded silo.</summary>
internal sealed class GrainHost : IAsyncDisposable
{
    private readonly EmbeddedSiloHost _silo;

    private GrainHost(EmbeddedSiloHost silo) => _silo = silo;

    public IGrainFactory Grains => _silo.GrainFactory;

    public int ActiveGrains => _silo.ActiveGrains;

    public static GrainHost Start(IServiceCollection services) => new(EmbeddedSiloHost.Start(services, null, typeof(MeshGrain).Assembly));

    public ValueTask DisposeAsync() => _silo.DisposeAsync();
}
