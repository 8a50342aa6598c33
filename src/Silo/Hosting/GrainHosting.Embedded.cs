using OrleansMesh.EmbeddedSilo;
using OrleansMesh.Grains;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>What runs the grains: a silo of our own, in this process.</summary>
internal static class GrainHosting
{
    /// <summary>Whether this build's silos talk to each other, so that the settings of a cluster mean something.</summary>
    public const bool IsClustered = false;

    /// <summary>See <see cref="GrainOptions.ObserverExpiry"/>: whoever observes is in this process, and lives as long as it.</summary>
    public static TimeSpan? ObserverExpiry => null;

    public static void AddGrainHost(this WebApplicationBuilder builder, ServerConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        builder.Services.AddEmbeddedSilo(configure: null, typeof(GrainOptions).Assembly);
    }
}
