using System.Text;

namespace OrleansMesh.Load.Xds;

/// <summary>The xDS types that a sidecar asks for.</summary>
internal sealed class ResourceType
{
    public static readonly ResourceType Cluster = new(0, "Cluster", "envoy.config.cluster.v3.Cluster");
    public static readonly ResourceType Endpoints = new(1, "Endpoints", "envoy.config.endpoint.v3.ClusterLoadAssignment");
    public static readonly ResourceType Secret = new(2, "Secret", "envoy.extensions.transport_sockets.tls.v3.Secret");
    public static readonly ResourceType Extension = new(3, "Extension", "envoy.config.core.v3.TypedExtensionConfig");
    public static readonly ResourceType Listener = new(4, "Listener", "envoy.config.listener.v3.Listener");
    public static readonly ResourceType Route = new(5, "Route", "envoy.config.route.v3.RouteConfiguration");

    private ResourceType(int index, string name, string message)
    {
        Index = index;
        Name = name;
        Url = $"type.googleapis.com/{message}";
        UrlBytes = Encoding.ASCII.GetBytes(Url);
    }

    public static IReadOnlyList<ResourceType> All { get; } = [Cluster, Endpoints, Secret, Extension, Listener, Route];

    /// <summary>Types whose names come from resources of other types.</summary>
    public static IReadOnlyList<ResourceType> ByName { get; } = [Endpoints, Secret, Extension, Route];

    /// <summary>Its place in <see cref="All"/>.</summary>
    public int Index { get; }

    public string Name { get; }

    public string Url { get; }

    private byte[] UrlBytes { get; }

    /// <summary>Every resource of the type is asked for, and each response of the state-of-the-world variant holds all of them.</summary>
    public bool IsWildcard => this == Cluster || this == Listener;

    /// <summary>Null for a type that was not asked for.</summary>
    public static ResourceType? Find(ReadOnlySpan<byte> url)
    {
        foreach (var type in All)
        {
            if (url.SequenceEqual(type.UrlBytes))
                return type;
        }

        return null;
    }

    public override string ToString() => Name;
}
