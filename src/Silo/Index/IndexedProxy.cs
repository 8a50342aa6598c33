using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansMesh.Domain.Proxies;

namespace OrleansMesh.Silo.Index;

/// <summary>A proxy's state, and what its events say besides.</summary>
public sealed record IndexedProxy(ProxyState State)
{
    // Before what is made with it: static fields are set in the order in which they stand.
    internal static readonly ImmutableSortedDictionary<string, DateTimeOffset> EmptyTimes =
        ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    public static readonly IndexedProxy Unknown = new(ProxyState.Empty);

    /// <summary>Of the Dataplane; null when there is none.</summary>
    public ResourceTimes? Times { get; init; }

    /// <summary>The present connection, or the last one when none is open; null when the proxy never connected.</summary>
    public ProxySubscription? Subscription { get; init; }

    /// <summary>How many certificates were issued for the present Dataplane.</summary>
    public int CertificatesIssued { get; init; }

    /// <summary>When the last of them was issued.</summary>
    public DateTimeOffset? CertificateIssuedAt { get; init; }

    /// <summary>Since when no authority signs for it; null when one does, or nothing was to be signed.</summary>
    public DateTimeOffset? CertificateFailingSince { get; init; }

    /// <summary>Since when what Envoy refused stands refused, by type URL.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> RejectedSince { get; init; } = EmptyTimes;

    /// <summary>When anything about the proxy last changed.</summary>
    public DateTimeOffset LastChange { get; init; }

    [JsonIgnore]
    public bool IsOnline => State.Session is not null;
}

/// <summary>One connection of a proxy.</summary>
/// <param name="DisconnectedAt">Null while it is open.</param>
/// <param name="Rejections">How often Envoy refused something in this connection.</param>
public sealed record ProxySubscription(string Session, ProxyAgent Agent, DateTimeOffset ConnectedAt, DateTimeOffset? DisconnectedAt, int Rejections);
