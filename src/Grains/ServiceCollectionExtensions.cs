using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansMesh.Grains.EventSourcing;
using OrleansMesh.Grains.Silos;

namespace OrleansMesh.Grains;

/// <summary>Gives the grains what they need, beside what the host has to add: <see cref="EventStore.IEventStore"/>,
/// <see cref="EventStore.Secrets.ISecretVault"/>, <see cref="EventStore.ILeases"/> and logging.</summary>
public static class ServiceCollectionExtensions
{
    /// <param name="silo">Names this run of the silo; see <see cref="LivingSilos"/>, which somebody has to have hold its lease.</param>
    public static IServiceCollection AddMeshGrains(this IServiceCollection services, string silo, GrainOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<LivingSilos>(provider, silo));
        return services.AddSingleton(options ?? new GrainOptions()).AddSingleton<ActiveStreams>().AddSingleton<EventSourcedGrainServices>();
    }
}
