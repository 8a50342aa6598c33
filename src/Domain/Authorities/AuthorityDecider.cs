using OrleansMesh.Domain.Events;

namespace OrleansMesh.Domain.Authorities;

/// <summary>What can be asked of an authority.</summary>
public abstract record AuthorityCommand;

/// <summary>Keeps an authority that was just made, unless there is one already.</summary>
public sealed record CreateAuthority(AuthorityCreated Authority) : AuthorityCommand;

public sealed record DeleteAuthority : AuthorityCommand;

/// <summary>Decides what becomes of a certificate authority.</summary>
public static class AuthorityDecider
{
    public static Decision<AuthorityEvent> Decide(AuthorityCommand command, AuthorityState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return (command, state.Authority) switch
        {
            (CreateAuthority { Authority: var made }, null) => Decision.Created<AuthorityEvent>(made),
            (CreateAuthority, _) => Decision.Unchanged<AuthorityEvent>(),
            (DeleteAuthority, null) => Decision.NotFound<AuthorityEvent>(),
            (DeleteAuthority, _) => Decision.Deleted<AuthorityEvent>(new AuthorityDeleted()),
            _ => throw new ArgumentException($"{command} is not known", nameof(command)),
        };
    }

    /// <exception cref="ArgumentException">The event is not one of an authority's.</exception>
    public static AuthorityState Evolve(AuthorityState state, AuthorityEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        return happened switch
        {
            AuthorityCreated created => state with { Authority = created },
            AuthorityDeleted => new AuthorityState
            {
                RetiredDataKeys = state.Authority is { } gone ? [.. state.RetiredDataKeys, gone.PrivateKey.KeyId] : state.RetiredDataKeys,
            },
            _ => throw new ArgumentException($"{happened} is not known", nameof(happened)),
        };
    }
}
