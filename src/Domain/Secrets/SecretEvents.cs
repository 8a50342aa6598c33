using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Secrets;

/// <summary>What happened to the secrets of a mesh or to the global ones. Streams: <c>secrets/mesh/{mesh}</c> and <c>secrets/global</c>.</summary>
public abstract record SecretEvent;

[EventType("secret.created")]
public sealed record SecretCreated(string Name, SealedSecret Data, TagSet Labels) : SecretEvent;

/// <summary>The secret has other data or labels; the data key of what it was before is destroyed.</summary>
[EventType("secret.changed")]
public sealed record SecretChanged(string Name, SealedSecret Data, TagSet Labels) : SecretEvent;

/// <summary>The secret is gone; its data key is destroyed.</summary>
[EventType("secret.deleted")]
public sealed record SecretDeleted(string Name) : SecretEvent;
