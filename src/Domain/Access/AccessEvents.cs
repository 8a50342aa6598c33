using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Access;

/// <summary>What happened to who may do what, and to the tokens by which people prove who they are. Stream: <c>access/global</c>.</summary>
public abstract record AccessEvent;

[EventType("access-role.created")]
public sealed record AccessRoleCreated(AccessRole Role) : AccessEvent;

[EventType("access-role.changed")]
public sealed record AccessRoleChanged(AccessRole Role) : AccessEvent;

[EventType("access-role.deleted")]
public sealed record AccessRoleDeleted(string Name) : AccessEvent;

[EventType("access-role-binding.created")]
public sealed record AccessRoleBindingCreated(AccessRoleBinding Binding) : AccessEvent;

[EventType("access-role-binding.changed")]
public sealed record AccessRoleBindingChanged(AccessRoleBinding Binding) : AccessEvent;

[EventType("access-role-binding.deleted")]
public sealed record AccessRoleBindingDeleted(string Name) : AccessEvent;

/// <summary>There is a new key that signs user tokens; from now on it does.</summary>
/// <param name="KeyId">The JWT header's <c>kid</c>.</param>
/// <param name="PublicKey">RSA, SubjectPublicKeyInfo, base64.</param>
/// <param name="PrivateKey">RSA, PKCS #8.</param>
[EventType("user-token-signing-key.added")]
public sealed record UserTokenSigningKeyAdded(string KeyId, string PublicKey, SealedSecret PrivateKey) : AccessEvent;

/// <summary>The key and what it signed are good no more; its private key was destroyed.</summary>
[EventType("user-token-signing-key.removed")]
public sealed record UserTokenSigningKeyRemoved(string KeyId) : AccessEvent;

/// <param name="TokenIds">The claim <c>jti</c> of each.</param>
[EventType("user-tokens.revoked")]
public sealed record UserTokensRevoked(ValueList<string> TokenIds) : AccessEvent;

/// <summary>Tokens that were revoked are good again.</summary>
/// <param name="TokenIds">The claim <c>jti</c> of each.</param>
[EventType("user-token-revocations.lifted")]
public sealed record UserTokenRevocationsLifted(ValueList<string> TokenIds) : AccessEvent;
