using System.Text.Json.Serialization;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>A proxy as its events made it.</summary>
public sealed record ProxyState
{
    public static readonly ProxyState Empty = new();

    /// <summary>Null: there is none now.</summary>
    public Dataplane? Dataplane { get; init; }

    public DataplaneOrigin Origin { get; init; }

    /// <summary>The connection that counts; null when the last one ended.</summary>
    public string? Session { get; init; }

    /// <summary>The run of the silo that recorded the last connection; empty when it did not say.</summary>
    public string Silo { get; init; } = "";

    /// <summary>What connected last.</summary>
    public ProxyAgent? Agent { get; init; }

    /// <summary>Whether the proxy's endpoints belong to their services now. A lost connection alone does not change it: the proxy goes on serving.</summary>
    public bool Serving { get; init; }

    /// <summary>Whether the proxy announced that it stops and has not connected since.</summary>
    public bool Left { get; init; }

    /// <summary>Whether the proxy is shut out of its mesh, as far as it was told. It outlives the Dataplane.</summary>
    public bool Quarantined { get; init; }

    /// <summary>The certificate that was last issued for the present Dataplane.</summary>
    public CertificateRecord? Certificate { get; init; }

    /// <summary>What Envoy said last of the trust and the certificate that it holds; it is asked while a mesh changes its authorities.</summary>
    public HeldSecrets? Held { get; init; }

    /// <summary>Why no certificate came of the last request for one in this connection; null when one did, or none was asked for.</summary>
    public CertificateFailure? CertificateFailure { get; init; }

    /// <summary>What Envoy refused in this connection and has not taken since, by type URL.</summary>
    public ValueList<ConfigurationRejection> Rejections { get; init; } = [];

    /// <summary>Every service that the proxy ever was part of, in ordinal order: each may still hold endpoints of it.</summary>
    public ValueList<string> KnownServices { get; init; } = [];

    /// <summary>Who may call the TCP inbounds, as last recorded. It outlives the Dataplane, since Envoy's connections do.</summary>
    public ValueList<TcpSourcesSet> TcpSources { get; init; } = [];

    /// <summary>Whether the Dataplane goes when the proxy stays away.</summary>
    [JsonIgnore]
    public bool IsEphemeral => Dataplane is not null && Origin == DataplaneOrigin.Proxy;
}
