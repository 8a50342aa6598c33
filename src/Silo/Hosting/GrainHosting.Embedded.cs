using OrleansMesh.EmbeddedSilo;
using OrleansMesh.EventStore;
using OrleansMesh.Grains;
using OrleansMesh.Silo.Configuration;

namespace OrleansMesh.Silo.Hosting;

/// <summary>What runs the grains: a silo of our own, in this process.</summary>
internal static class GrainHosting
{
    /// <summary>Whether this build's silos make a cluster, and so have something to be told of it.</summary>
    public const bool IsClustered = false;

    // Hosted services stop in the opposite order: to be added before those that call grains.
    public static void AddGrainHost(this WebApplicationBuilder builder, ServerConfiguration configuration, OpenedStore store)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(store);
        builder.Services.AddEmbeddedSilo(configure: null, typeof(GrainOptions).Assembly);
    }
}
