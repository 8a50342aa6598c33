using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Resources;

/// <summary>What an inbound speaks.</summary>
public enum Protocol
{
    Tcp,
    Http,
    Http2,
    Grpc,
}

/// <summary>The meaning of the tag <c>kuma.io/protocol</c>.</summary>
public static class Protocols
{
    /// <summary>The protocol that the tags name; TCP where they name none, or one whose bytes are not looked into. Case does not matter, as in Kuma.</summary>
    public static Protocol Of(TagSet tags)
        => tags.TryGetValue(TagSet.ProtocolTag, out var name)
            ? name.ToLowerInvariant() switch { "http" => Protocol.Http, "http2" => Protocol.Http2, "grpc" => Protocol.Grpc, _ => Protocol.Tcp }
            : Protocol.Tcp;

    /// <summary>Whether requests can be told apart, so that each is checked on its own.</summary>
    public static bool IsHttp(this Protocol protocol) => protocol is not Protocol.Tcp;

    /// <summary>What all of them speak; TCP when they differ in kind, HTTP when they differ within HTTP.</summary>
    public static Protocol Common(Protocol a, Protocol b) => a == b ? a : a.IsHttp() && b.IsHttp() ? Protocol.Http : Protocol.Tcp;
}
