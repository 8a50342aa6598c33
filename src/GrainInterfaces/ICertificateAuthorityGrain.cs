using OrleansMesh.Domain.Authorities;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

/// <summary>The certificate authorities of one of a mesh's backends. Key: <c>{mesh}/{backend}</c>. Stream: <c>ca/{mesh}/{backend}</c>.</summary>
public interface ICertificateAuthorityGrain : IGrainWithStringKey
{
    /// <summary>The authority that new certificates should come from. It is made where there is none, and another one where the present one ends before
    /// long or is not what the backend says.</summary>
    Task<TrustedAuthority> GetAuthority(CertificateAuthorityBackend backend, Caller caller);

    /// <summary>Signs a workload certificate.</summary>
    /// <exception cref="InvalidOperationException">The authority does not exist, has expired, or its key cannot be had.</exception>
    Task<IssuedCertificate> Issue(CertificateRequest request);

    /// <summary>Tries every authority's key.</summary>
    [ReadOnly]
    Task<ValueList<AuthorityHealth>> GetHealth();

    /// <summary>Deletes an authority that another one took the place of, and destroys its key.</summary>
    Task<CommandResult> Retire(string authorityId, Caller caller);

    /// <summary>Deletes all authorities of the backend and destroys their keys.</summary>
    Task<CommandResult> Delete(Caller caller);
}

/// <summary>Whether an authority can sign, and until when.</summary>
/// <param name="Problem">Why it cannot sign; null: it can.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.authority-health")]
public sealed record AuthorityHealth([property: Id(0)] string AuthorityId, [property: Id(1)] DateTimeOffset NotAfter, [property: Id(2)] string? Problem);

/// <summary>A workload certificate to be signed, by the one who holds its private key.</summary>
/// <param name="SubjectPublicKeyInfo">A P-256 public key, or an RSA one of 2048 to 8192 bits, DER.</param>
/// <param name="Uris">Its URI subject alternative names, and nothing else.</param>
/// <param name="Lifetime">From now on; cut where the authority ends.</param>
/// <param name="AuthorityId">Which authority of the backend is to sign.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.certificate-request")]
public sealed record CertificateRequest(
    [property: Id(0)] ValueList<byte> SubjectPublicKeyInfo,
    [property: Id(1)] ValueList<string> Uris,
    [property: Id(2)] TimeSpan Lifetime,
    [property: Id(3)] string AuthorityId);

/// <summary>A signed workload certificate.</summary>
/// <param name="ChainPem">The certificate, then those between it and the trust bundle, PEM.</param>
/// <param name="Serial">Hexadecimal, 128 bits.</param>
/// <param name="AuthorityId">The signing key's identifier.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.issued-certificate")]
public sealed record IssuedCertificate(
    [property: Id(0)] string ChainPem,
    [property: Id(1)] string Serial,
    [property: Id(2)] string AuthorityId,
    [property: Id(3)] DateTimeOffset NotBefore,
    [property: Id(4)] DateTimeOffset NotAfter);
