using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Meshes;

/// <summary>What happened to a mesh. Stream: <c>mesh/{mesh}</c>.</summary>
public abstract record MeshEvent;

[EventType("mesh.created")]
public sealed record MeshCreated(Mesh Mesh) : MeshEvent;

[EventType("mesh.changed")]
public sealed record MeshChanged(Mesh Mesh) : MeshEvent;

/// <summary>The mesh is gone, and with it its policies and its token keys.</summary>
[EventType("mesh.deleted")]
public sealed record MeshDeleted : MeshEvent;

[EventType("traffic-permission.created")]
public sealed record TrafficPermissionCreated(TrafficPermission Permission) : MeshEvent;

[EventType("traffic-permission.changed")]
public sealed record TrafficPermissionChanged(TrafficPermission Permission) : MeshEvent;

[EventType("traffic-permission.deleted")]
public sealed record TrafficPermissionDeleted(string Name) : MeshEvent;

/// <summary>The mesh got a key that signs dataplane tokens; from now on the newest one signs.</summary>
/// <param name="KeyId">The JWT header's <c>kid</c>.</param>
/// <param name="PublicKey">RSA, SubjectPublicKeyInfo, base64.</param>
/// <param name="PrivateKey">RSA, PKCS #8.</param>
[EventType("token-signing-key.added")]
public sealed record TokenSigningKeyAdded(string KeyId, string PublicKey, SealedSecret PrivateKey) : MeshEvent;

/// <summary>The key and what it signed are good no more; its private key was destroyed.</summary>
[EventType("token-signing-key.removed")]
public sealed record TokenSigningKeyRemoved(string KeyId) : MeshEvent;

/// <summary>Dataplane tokens are good no more; the streams of proxies that connected with them are ended.</summary>
/// <param name="TokenIds">The claim <c>jti</c> of each.</param>
[EventType("tokens.revoked")]
public sealed record TokensRevoked(ValueList<string> TokenIds) : MeshEvent;

/// <summary>Dataplane tokens that were revoked are good again.</summary>
/// <param name="TokenIds">The claim <c>jti</c> of each.</param>
[EventType("token-revocations.lifted")]
public sealed record TokenRevocationsLifted(ValueList<string> TokenIds) : MeshEvent;
