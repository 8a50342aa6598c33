using System.Text.Json.Serialization;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Authorities;

/// <summary>The authorities of one backend as its events made them: the one that new certificates come from, and those before it that are not retired yet.</summary>
public sealed record AuthorityState
{
    public static readonly AuthorityState Empty = new();

    /// <summary>In the order in which they were made.</summary>
    public ValueList<AuthorityCreated> Authorities { get; init; } = [];

    /// <summary>The last one that was made; null: there is none now.</summary>
    [JsonIgnore]
    public AuthorityCreated? Newest => Authorities is [.., var newest] ? newest : null;

    /// <summary>Data keys of secrets that are no more. Destroying them again does no harm, so a crash between the event and the
    /// destruction loses nothing.</summary>
    public ValueList<string> RetiredDataKeys { get; init; } = [];

    /// <summary>The authority of that identity; null when there is none, or none any more.</summary>
    public AuthorityCreated? Find(string authorityId) => Authorities.FirstOrDefault(a => a.AuthorityId == authorityId);
}
