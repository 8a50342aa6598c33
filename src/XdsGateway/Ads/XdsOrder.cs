using OrleansMesh.Translation;

namespace OrleansMesh.XdsGateway.Ads;

/// <summary>
/// Make before break: what is referred to is sent before what refers to it, and taken away after it.
/// Source: the xDS protocol, "Eventual consistency considerations".
/// </summary>
internal static class XdsOrder
{
    /// <summary>The types whose waiting additions must be sent before additions of <paramref name="type"/>.</summary>
    public static IReadOnlyList<string> Before(string type) => type switch
    {
        XdsType.Endpoints => [XdsType.Cluster],
        XdsType.Listener => [XdsType.Cluster, XdsType.Endpoints, XdsType.Secret, XdsType.Extension],
        XdsType.Route => [XdsType.Cluster, XdsType.Endpoints, XdsType.Listener],
        _ => [],
    };

    /// <summary>The types whose resources may refer to those of <paramref name="type"/>: it loses none while one of these has an unfinished change.</summary>
    public static IReadOnlyList<string> Referrers(string type) => type switch
    {
        XdsType.Cluster => [XdsType.Listener, XdsType.Route],
        XdsType.Endpoints => [XdsType.Cluster],
        XdsType.Secret => [XdsType.Cluster, XdsType.Listener],
        XdsType.Extension => [XdsType.Listener],
        XdsType.Route => [XdsType.Listener],
        _ => [],
    };

    /// <summary>
    /// Whether <paramref name="type"/> sends traffic to clusters and so waits for the answer to clusters that were just sent: a new cluster can be
    /// used when its endpoints have arrived, which the client asks for before it answers.
    /// </summary>
    public static bool UsesClusters(string type) => type is XdsType.Listener or XdsType.Route;
}
