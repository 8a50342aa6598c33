using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;

namespace OrleansMesh.Translation;

/// <summary>Says that a resource comes over the stream that the one naming it came by.</summary>
internal static class AdsSource
{
    /// <summary>
    /// How long Envoy holds a new listener or cluster back for what it refers to. After that it goes on without, and nothing opens: a
    /// connection without certificate or trust bundle is closed, a filter without permissions denies, a cluster without endpoints has none.
    /// </summary>
    private static readonly TimeSpan InitialFetchTimeout = TimeSpan.FromSeconds(15);

    public static ConfigSource Create() => new()
    {
        Ads = new AggregatedConfigSource(),
        ResourceApiVersion = ApiVersion.V3,
        InitialFetchTimeout = InitialFetchTimeout.ToDuration(),
    };
}
