using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

/// <summary>Who may do what, and the tokens by which people prove who they are. Key: <see cref="Key"/>. Stream: <c>access/global</c>.</summary>
public interface IAccessGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "global";

    /// <summary>Makes the role or changes it. It has been validated.</summary>
    Task<CommandResult> ApplyRole(AccessRole role, Caller caller);

    /// <summary>Deletes the role, unless a binding gives it.</summary>
    Task<CommandResult> DeleteRole(string name, Caller caller);

    /// <summary>Makes the binding or changes it, if its roles exist. It has been validated.</summary>
    Task<CommandResult> ApplyBinding(AccessRoleBinding binding, Caller caller);

    Task<CommandResult> DeleteBinding(string name, Caller caller);

    /// <summary>Signs a user token with the newest key, which is made at the first call.</summary>
    /// <returns>The token as a JWT, and the log position from which on every reader knows its key; 0 when that was known before.</returns>
    Task<IssuedToken> IssueUserToken(UserTokenRequest request, Caller caller);

    /// <summary>Adds a key, which signs from now on: one that is made here, or an imported one.</summary>
    Task<CommandResult> AddTokenSigningKey(ImportedSigningKey? imported, Caller caller);

    /// <summary>Removes a key, revokes tokens, or takes revocations back.</summary>
    Task<CommandResult> ChangeTokens(KeyringCommand command, Caller caller);
}

/// <summary>What a user token is to say. Source of the claims: Kuma's user tokens.</summary>
/// <param name="ValidFor">From now on.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.user-token-request")]
public sealed record UserTokenRequest([property: Id(0)] string Name, [property: Id(1)] ValueList<string> Groups, [property: Id(2)] TimeSpan ValidFor);

/// <summary>A token that was signed. It is stored nowhere.</summary>
[GenerateSerializer, Immutable, Alias("orleansmesh.issued-token")]
public sealed record IssuedToken([property: Id(0)] string Token, [property: Id(1)] long Position)
{
    public override string ToString() => "a token";
}
