using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace OrleansMesh.EmbeddedSilo;

/// <summary>Puts an embedded silo into a host.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Adds a silo that starts and stops with the host, and its <see cref="IGrainFactory"/>. Hosted services stop in the opposite order, so
    /// add it before those that call grains.
    /// </summary>
    /// <param name="configure">Changes the options, or null.</param>
    /// <param name="grainAssemblies">The assemblies whose grain classes it runs. What is wrong with one is thrown when the host starts.</param>
    public static IServiceCollection AddEmbeddedSilo(this IServiceCollection services, Action<EmbeddedSiloOptions>? configure, params Assembly[] grainAssemblies)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(grainAssemblies);
        return services
            .AddSingleton(provider =>
            {
                var options = new EmbeddedSiloOptions();
                configure?.Invoke(options);
                return new EmbeddedSiloHost(provider, options, grainAssemblies);
            })
            .AddSingleton(provider => provider.GetRequiredService<EmbeddedSiloHost>().GrainFactory)
            .AddHostedService(provider => provider.GetRequiredService<EmbeddedSiloHost>());
    }
}
