using OrleansMesh.Domain.Events;

namespace OrleansMesh.Domain.Authorities;

/// <summary>What can be asked of a backend's authorities.</summary>
public abstract record AuthorityCommand;

/// <summary>Keeps an authority that was just made, unless another one was made meanwhile.</summary>
/// <param name="Replaces">The newest authority, whose place it is to take; null: there is none.</param>
public sealed record CreateAuthority(AuthorityCreated Authority, string? Replaces = null) : AuthorityCommand;

/// <summary>Retires an authority that is not the newest.</summary>
public sealed record RetireAuthority(string AuthorityId) : AuthorityCommand;

public sealed record DeleteAuthority : AuthorityCommand;

/// <summary>Decides what becomes of a backend's authorities.</summary>
public static class AuthorityDecider
{
    public static Decision<AuthorityEvent> Decide(AuthorityCommand command, AuthorityState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            CreateAuthority create => create.Replaces == state.Newest?.AuthorityId && state.Find(create.Authority.AuthorityId) is null
                ? Decision.Created<AuthorityEvent>(create.Authority)
                : Decision.Unchanged<AuthorityEvent>(),
            RetireAuthority { AuthorityId: var id } => state.Find(id) is { } found && found != state.Newest
                ? Decision.Deleted<AuthorityEvent>(new AuthorityRetired(id))
                : Decision.Unchanged<AuthorityEvent>(),
            DeleteAuthority => state.Newest is null
                ? Decision.NotFound<AuthorityEvent>()
                : Decision.Deleted<AuthorityEvent>(new AuthorityDeleted()),
            _ => throw new ArgumentException($"{command} is not known", nameof(command)),
        };
    }

    /// <exception cref="ArgumentException">The event is not one of an authority's.</exception>
    public static AuthorityState Evolve(AuthorityState state, AuthorityEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        return happened switch
        {
            AuthorityCreated created => state with { Authorities = [.. state.Authorities, created] },
            AuthorityRetired { AuthorityId: var id } => Without(state, authority => authority.AuthorityId == id),
            AuthorityDeleted => Without(state, _ => true),
            _ => throw new ArgumentException($"{happened} is not known", nameof(happened)),
        };
    }

    private static AuthorityState Without(AuthorityState state, Func<AuthorityCreated, bool> gone) => new()
    {
        Authorities = [.. state.Authorities.Where(authority => !gone(authority))],
        RetiredDataKeys = [.. state.RetiredDataKeys, .. state.Authorities.Where(gone).Select(authority => authority.PrivateKey.KeyId)],
    };
}
