using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Authorities;

/// <summary>What happened to a mesh's certificate authority. Stream: <c>ca/{mesh}/{backend}</c>.</summary>
public abstract record AuthorityEvent;

/// <summary>A builtin authority was made.</summary>
/// <param name="CertificatePem">Self-signed.</param>
/// <param name="AuthorityId">The hexadecimal subject key identifier.</param>
/// <param name="PrivateKey">PKCS #8.</param>
/// <param name="Conf">The settings that it was made with; null: those that hold where a mesh says nothing.</param>
[EventType("authority.created")]
public sealed record AuthorityCreated(
    string CertificatePem,
    string AuthorityId,
    SealedSecret PrivateKey,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    BuiltinAuthorityConf? Conf = null) : AuthorityEvent;

/// <summary>The authority is gone; its key was destroyed.</summary>
[EventType("authority.deleted")]
public sealed record AuthorityDeleted : AuthorityEvent;
