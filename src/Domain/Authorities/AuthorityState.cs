using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Authorities;

/// <summary>A certificate authority as its events made it.</summary>
public sealed record AuthorityState
{
    public static readonly AuthorityState Empty = new();

    /// <summary>Null: there is none now.</summary>
    public AuthorityCreated? Authority { get; init; }

    /// <summary>Data keys of secrets that are no more. Destroying them again does no harm, so a crash between the event and the
    /// destruction loses nothing.</summary>
    public ValueList<string> RetiredDataKeys { get; init; } = [];
}
