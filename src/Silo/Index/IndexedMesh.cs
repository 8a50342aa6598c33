using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Meshes;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Services;

namespace OrleansMesh.Silo.Index;

/// <summary>A mesh and all that is in it, each by name in ordinal order.</summary>
/// <param name="State">Its mesh is null when there never was one or it was deleted.</param>
public sealed record IndexedMesh(MeshState State)
{
    public static readonly IndexedMesh Unknown = new(MeshState.Empty);

    /// <summary>Of the mesh; null when there is none.</summary>
    public ResourceTimes? Times { get; init; }

    /// <summary>Of the permissions.</summary>
    public ImmutableSortedDictionary<string, ResourceTimes> PermissionTimes { get; init; } = ByName<ResourceTimes>();

    /// <summary>Of the quarantines.</summary>
    public ImmutableSortedDictionary<string, ResourceTimes> QuarantineTimes { get; init; } = ByName<ResourceTimes>();

    /// <summary>Every proxy that ever was, also those whose Dataplane is gone.</summary>
    public ImmutableSortedDictionary<string, IndexedProxy> Proxies { get; init; } = ByName<IndexedProxy>();

    /// <summary>Every service that ever had endpoints.</summary>
    public ImmutableSortedDictionary<string, IndexedService> Services { get; init; } = ByName<IndexedService>();

    /// <summary>The authorities of every backend that ever had one, by the backend.</summary>
    public ImmutableSortedDictionary<string, AuthorityState> Authorities { get; init; } = ByName<AuthorityState>();

    public IndexedSecrets Secrets { get; init; } = IndexedSecrets.None;

    /// <summary>The Dataplanes that there are.</summary>
    [JsonIgnore]
    public IEnumerable<(Dataplane Dataplane, IndexedProxy Proxy)> Dataplanes
        => Proxies.Values.Where(p => p.State.Dataplane is not null).Select(p => (p.State.Dataplane!, p));

    private static ImmutableSortedDictionary<string, T> ByName<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

/// <summary>A service's state.</summary>
/// <param name="Times">When it got its first endpoint, and when its endpoints last changed.</param>
public sealed record IndexedService(ServiceState State, ResourceTimes Times);
