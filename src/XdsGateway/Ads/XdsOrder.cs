using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// Make before break: what is referred to is sent before what refers to it, and taken away after it.
/// Source: the xDS protocol, "Eventual consistency considerations".
/// </summary>
internal static class XdsOrder
{
    private static readonly string[] BeforeListeners = [XdsType.Cluster, XdsType.Endpoints, XdsType.Secret, XdsType.Extension];
    private static readonly string[] BeforeRoutes = [XdsType.Cluster, XdsType.Endpoints, XdsType.Listener];
    private static readonly string[] OnlyClusters = [XdsType.Cluster];
    private static readonly string[] OnlyListeners = [XdsType.Listener];
    private static readonly string[] ListenersAndRoutes = [XdsType.Listener, XdsType.Route];
    private static readonly string[] ClustersAndListeners = [XdsType.Cluster, XdsType.Listener];

    /// <summary>The types whose waiting additions must be sent before additions of <paramref name="type"/>.</summary>
    public static string[] Before(string type) => type switch
    {
        XdsType.Endpoints => OnlyClusters,
        XdsType.Listener => BeforeListeners,
        XdsType.Route => BeforeRoutes,
        _ => [],
    };

    /// <summary>The types whose resources may refer to those of <paramref name="type"/>: it loses none while one of these has an unfinished change.</summary>
    public static string[] Referrers(string type) => type switch
    {
        XdsType.Cluster => ListenersAndRoutes,
        XdsType.Endpoints => OnlyClusters,
        XdsType.Secret => ClustersAndListeners,
        XdsType.Extension => OnlyListeners,
        XdsType.Route => OnlyListeners,
        _ => [],
    };

    /// <summary>
    /// Whether <paramref name="type"/> sends traffic to clusters and so waits for the answer to clusters that were just sent: a new cluster can be
    /// used when its endpoints have arrived, which the client asks for before it answers.
    /// </summary>
    public static bool UsesClusters(string type) => type is XdsType.Listener or XdsType.Route;
}
