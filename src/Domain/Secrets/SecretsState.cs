using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Secrets;

/// <summary>The secrets of one mesh, or the global ones, as their events made them: sealed.</summary>
public sealed record SecretsState
{
    public static readonly SecretsState Empty = new();

    /// <summary>By name.</summary>
    public ValueList<StoredSecret> Secrets { get; init; } = [];

    /// <summary>Data keys of secrets that are no more. Destroying them again does no harm, so a crash between the event and the
    /// destruction loses nothing.</summary>
    public ValueList<string> RetiredDataKeys { get; init; } = [];

    /// <summary>The secret of that name, or null.</summary>
    public StoredSecret? Find(string name) => Secrets.Find(s => s.Name, name);
}

/// <summary>A secret as it is stored.</summary>
public sealed record StoredSecret(string Name, SealedSecret Data, TagSet Labels);
