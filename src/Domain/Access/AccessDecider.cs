using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tokens;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Access;

/// <summary>What can be asked of roles and bindings.</summary>
public abstract record AccessCommand;

/// <summary>Makes a role or changes it.</summary>
public sealed record ApplyAccessRole(AccessRole Role) : AccessCommand;

/// <summary>Deletes a role that no binding gives.</summary>
public sealed record DeleteAccessRole(string Name) : AccessCommand;

/// <summary>Makes a binding or changes it.</summary>
public sealed record ApplyAccessRoleBinding(AccessRoleBinding Binding) : AccessCommand;

public sealed record DeleteAccessRoleBinding(string Name) : AccessCommand;

/// <summary>Does something with the keys or revocations of user tokens.</summary>
public sealed record ChangeUserTokens(KeyringCommand Command) : AccessCommand;

/// <summary>Decides what becomes of roles, bindings and user tokens.</summary>
public static class AccessDecider
{
    public static Decision<AccessEvent> Decide(AccessCommand command, AccessState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            ApplyAccessRole { Role: var role } => state.Roles.Find(NameOf, role.Name) is not { } before ? Decision.Created<AccessEvent>(new AccessRoleCreated(role))
                : before == role ? Decision.Unchanged<AccessEvent>()
                : Decision.Changed<AccessEvent>(new AccessRoleChanged(role)),
            DeleteAccessRole { Name: var name } => Delete(name, state),
            ApplyAccessRoleBinding { Binding: var binding } => Apply(binding, state),
            DeleteAccessRoleBinding { Name: var name } => state.Bindings.Find(NameOf, name) is null
                ? Decision.NotFound<AccessEvent>()
                : Decision.Deleted<AccessEvent>(new AccessRoleBindingDeleted(name)),
            ChangeUserTokens { Command: var change } => KeyringDecider.Decide(change, state.Tokens, UserTokenEvents.Instance),
            _ => throw new ArgumentException($"{command} is not known", nameof(command)),
        };
    }

    /// <exception cref="ArgumentException">The event is not one of access's.</exception>
    public static AccessState Evolve(AccessState state, AccessEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        return happened switch
        {
            AccessRoleCreated { Role: var role } => state with { Roles = state.Roles.With(NameOf, role) },
            AccessRoleChanged { Role: var role } => state with { Roles = state.Roles.With(NameOf, role) },
            AccessRoleDeleted { Name: var name } => state with { Roles = state.Roles.Without(NameOf, name) },
            AccessRoleBindingCreated { Binding: var binding } => state with { Bindings = state.Bindings.With(NameOf, binding) },
            AccessRoleBindingChanged { Binding: var binding } => state with { Bindings = state.Bindings.With(NameOf, binding) },
            AccessRoleBindingDeleted { Name: var name } => state with { Bindings = state.Bindings.Without(NameOf, name) },
            UserTokenSigningKeyAdded e => state with { Tokens = state.Tokens.WithKey(new TokenSigningKey(e.KeyId, e.PublicKey, e.PrivateKey)) },
            UserTokenSigningKeyRemoved { KeyId: var id } => state with
            {
                Tokens = state.Tokens.WithoutKey(id),
                RetiredDataKeys = state.Tokens.Find(id) is { } gone ? [.. state.RetiredDataKeys, gone.PrivateKey.KeyId] : state.RetiredDataKeys,
            },
            UserTokensRevoked { TokenIds: var ids } => state with { Tokens = state.Tokens.WithRevoked(ids) },
            UserTokenRevocationsLifted { TokenIds: var ids } => state with { Tokens = state.Tokens.WithoutRevoked(ids) },
            _ => throw new ArgumentException($"{happened} is not known", nameof(happened)),
        };
    }

    private static Decision<AccessEvent> Delete(string role, AccessState state)
    {
        if (state.Roles.Find(NameOf, role) is null)
            return Decision.NotFound<AccessEvent>();
        var bound = state.Bindings.Where(b => b.Roles.Contains(role)).Select(b => b.Name).ToArray();
        return bound.Length == 0
            ? Decision.Deleted<AccessEvent>(new AccessRoleDeleted(role))
            : Decision.Refused<AccessEvent>(new FieldProblem("name", $"expected a role that no AccessRoleBinding gives; {string.Join(", ", bound)} does"));
    }

    private static Decision<AccessEvent> Apply(AccessRoleBinding binding, AccessState state)
    {
        FieldProblem[] unknown = [.. binding.Roles.Index().Where(r => state.Roles.Find(NameOf, r.Item) is null)
            .Select(r => new FieldProblem($"roles[{r.Index}]", $"expected the name of an AccessRole; there is no '{r.Item}'"))];
        return unknown.Length > 0 ? Decision.Refused<AccessEvent>(unknown)
            : state.Bindings.Find(NameOf, binding.Name) is not { } before ? Decision.Created<AccessEvent>(new AccessRoleBindingCreated(binding))
            : before == binding ? Decision.Unchanged<AccessEvent>()
            : Decision.Changed<AccessEvent>(new AccessRoleBindingChanged(binding));
    }

    private static string NameOf(AccessRole role) => role.Name;

    private static string NameOf(AccessRoleBinding binding) => binding.Name;

    private sealed class UserTokenEvents : IKeyringEvents<AccessEvent>
    {
        public static readonly UserTokenEvents Instance = new();

        public AccessEvent Added(TokenSigningKey key) => new UserTokenSigningKeyAdded(key.KeyId, key.PublicKey, key.PrivateKey);

        public AccessEvent Removed(string keyId) => new UserTokenSigningKeyRemoved(keyId);

        public AccessEvent Revoked(ValueList<string> tokenIds) => new UserTokensRevoked(tokenIds);

        public AccessEvent Lifted(ValueList<string> tokenIds) => new UserTokenRevocationsLifted(tokenIds);
    }
}
