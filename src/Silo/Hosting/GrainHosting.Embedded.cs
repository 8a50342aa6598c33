using OrleansMesh.EmbeddedSilo;
using OrleansMesh.Grains;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>What runs the grains: a silo of our own, in this process.</summary>
internal static class GrainHosting
{
    /// <summary>See <see cref="GrainOptions.ObserverExpiry"/>: whoever observes is in this process, and lives as long as it.</summary>
    public static TimeSpan? ObserverExpiry => null;

    public static void AddGrainHost(this WebApplicationBuilder builder, ServerConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        builder.Services.AddEmbeddedSilo(configure: null, typeof(GrainOptions).Assembly);
    }
}
