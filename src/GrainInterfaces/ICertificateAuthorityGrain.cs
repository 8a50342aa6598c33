using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

/// <summary>A mesh's certificate authority. Key: <c>{mesh}/{backend}</c>. Stream: <c>ca/{mesh}/{backend}</c>.</summary>
public interface ICertificateAuthorityGrain : IGrainWithStringKey
{
    /// <summary>The PEM certificates that say whom to trust. The authority is made at the first call, as the backend says.</summary>
    Task<TrustBundle> GetTrustBundle(CertificateAuthorityBackend backend, Caller caller);

    /// <summary>Signs a workload certificate.</summary>
    /// <exception cref="InvalidOperationException">The authority does not exist, has expired, or its key cannot be had.</exception>
    Task<IssuedCertificate> Issue(CertificateRequest request);

    /// <summary>Deletes the authority and destroys its key.</summary>
    Task<CommandResult> Delete(Caller caller);
}

/// <summary>Whom to trust.</summary>
/// <param name="Pem">Certificates, PEM.</param>
/// <param name="AuthorityId">Names the key that signs now: the hexadecimal subject key identifier.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.trust-bundle")]
public sealed record TrustBundle([property: Id(0)] string Pem, [property: Id(1)] string AuthorityId);

/// <summary>A workload certificate to be signed, by the one who holds its private key.</summary>
/// <param name="SubjectPublicKeyInfo">A P-256 public key, or an RSA one of 2048 to 8192 bits, DER.</param>
/// <param name="Uris">Its URI subject alternative names, and nothing else.</param>
/// <param name="Lifetime">From now on; cut where the authority ends.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.certificate-request")]
public sealed record CertificateRequest(
    [property: Id(0)] ValueList<byte> SubjectPublicKeyInfo,
    [property: Id(1)] ValueList<string> Uris,
    [property: Id(2)] TimeSpan Lifetime);

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
