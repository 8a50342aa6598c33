using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Access;

/// <summary>Who may do what, and what proves who somebody is, as events made it.</summary>
public sealed record AccessState
{
    public static readonly AccessState Empty = new();

    /// <summary>By name.</summary>
    public ValueList<AccessRole> Roles { get; init; } = [];

    /// <summary>By name.</summary>
    public ValueList<AccessRoleBinding> Bindings { get; init; } = [];

    /// <summary>Of user tokens.</summary>
    public TokenKeyring Tokens { get; init; } = TokenKeyring.Empty;

    /// <summary>Data keys of secrets that are no more. Destroying them again does no harm, so a crash between the event and the
    /// destruction loses nothing.</summary>
    public ValueList<string> RetiredDataKeys { get; init; } = [];
}
