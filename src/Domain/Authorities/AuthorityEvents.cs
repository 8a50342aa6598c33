using OrleansMesh.Domain.Events;
using OrleansMesh.Domain.Resources;

namespace OrleansMesh.Domain.Authorities;

/// <summary>What happened to the authorities of one of a mesh's backends. Stream: <c>ca/{mesh}/{backend}</c>.</summary>
public abstract record AuthorityEvent;

/// <summary>An authority came to be: a builtin one was made, or a provided one taken over. It is the backend's newest; the ones before it stay until they are retired.</summary>
/// <param name="CertificatePem">The certificate that signs; self-signed where the authority is builtin.</param>
/// <param name="AuthorityId">The hexadecimal subject key identifier.</param>
/// <param name="PrivateKey">PKCS #8.</param>
/// <param name="Conf">The settings that a builtin authority was made with; null: those that hold where a mesh says nothing.</param>
/// <param name="IntermediatesPem">The certificates between the one that signs and the root, without either of them. Null: none.</param>
/// <param name="RootPem">The certificate to trust, where it is not <paramref name="CertificatePem"/> itself.</param>
/// <param name="Provided">Whether the operator supplied it.</param>
[EventType("authority.created")]
public sealed record AuthorityCreated(
    string CertificatePem,
    string AuthorityId,
    SealedSecret PrivateKey,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    BuiltinAuthorityConf? Conf = null,
    string? IntermediatesPem = null,
    string? RootPem = null,
    bool Provided = false) : AuthorityEvent
{
    /// <summary>The authority as those see it who trust it.</summary>
    public TrustedAuthority AsTrusted(string backend) => new(AuthorityId, backend, RootPem ?? CertificatePem, NotBefore, NotAfter);
}

/// <summary>An authority that another one took the place of is gone; its key was destroyed.</summary>
[EventType("authority.retired")]
public sealed record AuthorityRetired(string AuthorityId) : AuthorityEvent;

/// <summary>All authorities of the backend are gone; their keys were destroyed.</summary>
[EventType("authority.deleted")]
public sealed record AuthorityDeleted : AuthorityEvent;
