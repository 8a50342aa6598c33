namespace OrleansMesh.Translation;

/// <summary>Type URLs of the xDS resources that a proxy is sent. Source: the Envoy API, v3.</summary>
public static class XdsType
{
    public const string Cluster = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    public const string Endpoints = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
    public const string Listener = "type.googleapis.com/envoy.config.listener.v3.Listener";
    public const string Route = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
    public const string Secret = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
    public const string Extension = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

    /// <summary>Every type, in the order in which additions are sent: what is referred to before what refers to it.</summary>
    public static IReadOnlyList<string> InOrderOfAddition { get; } = [Cluster, Endpoints, Secret, Extension, Listener, Route];
}
