using System.Collections.Immutable;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Secrets;

namespace OrleansMesh.Silo.Index;

/// <summary>The secrets of a mesh, or the global ones: their names and labels. What they hold is not in the index.</summary>
public sealed record IndexedSecrets(SecretsState State, ImmutableSortedDictionary<string, ResourceTimes> Times)
{
    public static readonly IndexedSecrets None = new(SecretsState.Empty, ImmutableSortedDictionary.Create<string, ResourceTimes>(StringComparer.Ordinal));

    public IndexedSecrets After(SecretEvent happened, DateTimeOffset at) => new(SecretsDecider.Evolve(State, happened), happened switch
    {
        SecretCreated e => Times.SetItem(e.Name, new(at, at)),
        SecretChanged e => Times.SetItem(e.Name, new(Times.GetValueOrDefault(e.Name)?.Created ?? at, at)),
        SecretDeleted e => Times.Remove(e.Name),
        _ => Times,
    });

    /// <param name="mesh">Null for the global ones.</param>
    public IEnumerable<IndexedResource> All(string? mesh)
        => State.Secrets.Select(s => new IndexedResource(new SecretResource(mesh, s.Name, null) { Labels = s.Labels }, Times[s.Name]));
}
