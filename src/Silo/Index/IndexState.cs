using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansMesh.Silo.Index;

/// <summary>Everything that reads are answered from, as of one position of the log. Immutable: a reader sees one moment.</summary>
/// <param name="Position">The last event that it includes; 0 for an empty log.</param>
/// <param name="Meshes">By name, also those that were deleted.</param>
public sealed record IndexState(long Position, ImmutableSortedDictionary<string, IndexedMesh> Meshes)
{
    public static readonly IndexState Empty = new(0, ImmutableSortedDictionary.Create<string, IndexedMesh>(StringComparer.Ordinal));

    /// <summary>The last event by which somebody may have something to do: any but those by which a proxy's grain records what its proxy reported or was given.</summary>
    public long LastNews { get; init; }

    public IndexedAccess Access { get; init; } = IndexedAccess.None;

    public IndexedSecrets GlobalSecrets { get; init; } = IndexedSecrets.None;

    /// <summary>The mesh, if there is one now.</summary>
    public IndexedMesh? FindMesh(string name) => Meshes.TryGetValue(name, out var mesh) && mesh.State.Mesh is not null ? mesh : null;

    /// <summary>The meshes that there are.</summary>
    [JsonIgnore]
    public IEnumerable<IndexedMesh> PresentMeshes => Meshes.Values.Where(m => m.State.Mesh is not null);
}
