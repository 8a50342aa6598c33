using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansMesh.Grains.EventSourcing;

namespace OrleansMesh.Grains;

/// <summary>Gives the grains what they need, beside what the host has to add: <see cref="EventStore.IEventStore"/>,
/// <see cref="EventStore.Secrets.ISecretVault"/> and logging.</summary>
public static class ServiceCollectionExtensions
{
    public static IServiceCollection AddMeshGrains(this IServiceCollection services, GrainOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton(options ?? new GrainOptions()).AddSingleton<EventSourcedGrainServices>();
    }
}
