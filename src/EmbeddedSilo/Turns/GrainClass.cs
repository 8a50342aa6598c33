using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansMesh.EmbeddedSilo.Turns;

/// <summary>A grain class and how to make one of it.</summary>
internal sealed class GrainClass(Type type)
{
    private readonly ObjectFactory _factory = ActivatorUtilities.CreateFactory(type, Type.EmptyTypes);

    public Type Type => type;

    public string Name => type.Name;

    public bool Reentrant { get; } = type.IsDefined(typeof(ReentrantAttribute), inherit: true);

    public Grain Make(IServiceProvider services) => (Grain)_factory(services, null);
}
