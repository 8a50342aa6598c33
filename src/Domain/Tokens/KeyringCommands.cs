using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tokens;

/// <summary>What can be asked of a keyring.</summary>
public abstract record KeyringCommand;

/// <summary>Adds a key, which signs from now on.</summary>
/// <param name="OnlyTheFirst">Changes nothing where there is a key.</param>
public sealed record AddSigningKey(TokenSigningKey Key, bool OnlyTheFirst) : KeyringCommand;

/// <summary>Removes a key: what it signed is good no more.</summary>
public sealed record RemoveSigningKey(string KeyId) : KeyringCommand;

/// <summary>Makes tokens good no more, by their <c>jti</c>.</summary>
public sealed record RevokeTokens(ValueList<string> TokenIds) : KeyringCommand;

/// <summary>Makes revoked tokens good again.</summary>
public sealed record LiftRevocations(ValueList<string> TokenIds) : KeyringCommand;

/// <summary>What a keyring's owner writes into its own stream.</summary>
public interface IKeyringEvents<TEvent>
{
    TEvent Added(TokenSigningKey key);

    TEvent Removed(string keyId);

    TEvent Revoked(ValueList<string> tokenIds);

    TEvent Lifted(ValueList<string> tokenIds);
}

/// <summary>Decides what becomes of a keyring, whoever's it is.</summary>
public static class KeyringDecider
{
    private const int LongestTokenId = 200;

    public static Decision<TEvent> Decide<TEvent>(KeyringCommand command, TokenKeyring ring, IKeyringEvents<TEvent> events)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(events);
        return command switch
        {
            AddSigningKey { OnlyTheFirst: true } when ring.Keys.Count > 0 => Decision.Unchanged<TEvent>(),
            AddSigningKey { Key: var key } => ring.Find(key.KeyId) is not { } known ? Decision.Changed(events.Added(key))
                : known.PublicKey == key.PublicKey ? Decision.Unchanged<TEvent>()
                : Decision.Refused<TEvent>(new FieldProblem("keyId", $"expected a name of its own: there is another key '{key.KeyId}'")),
            RemoveSigningKey { KeyId: var id } => ring.Find(id) is null ? Decision.NotFound<TEvent>() : Decision.Deleted(events.Removed(id)),
            RevokeTokens { TokenIds: var ids } => Revoke(ids, ring, events),
            LiftRevocations { TokenIds: var ids } => ring.AlreadyRevoked(ids) is { Count: > 0 } lifted
                ? Decision.Deleted(events.Lifted(lifted))
                : Decision.NotFound<TEvent>(),
            _ => throw new ArgumentException($"{command} is not known", nameof(command)),
        };
    }

    private static Decision<TEvent> Revoke<TEvent>(ValueList<string> ids, TokenKeyring ring, IKeyringEvents<TEvent> events)
    {
        if (ids.Any(id => id.Length is 0 or > LongestTokenId || id.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == ',')))
            return Decision.Refused<TEvent>(new FieldProblem("ids", $"expected the jti of tokens, each at most {LongestTokenId} characters without spaces and commas"));
        var added = ring.NotRevoked(ids);
        if (ring.Revoked.Count + added.Count > TokenKeyring.MostRevoked)
        {
            return Decision.Refused<TEvent>(new FieldProblem(
                "ids", $"expected at most {TokenKeyring.MostRevoked} revoked tokens: remove the key that signed them instead"));
        }

        return added.Count == 0 ? Decision.Unchanged<TEvent>() : Decision.Changed(events.Revoked(added));
    }
}
