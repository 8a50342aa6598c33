using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Proxies;

/// <summary>A certificate that was issued to a proxy; never its key.</summary>
/// <param name="Serial">Hexadecimal.</param>
/// <param name="Backend">The authority's backend in the mesh.</param>
/// <param name="AuthorityId">Names the key that signed it: the authority's subject key identifier.</param>
/// <param name="Uris">Its URI subject alternative names.</param>
/// <param name="NotBefore">A little before it was issued, for clocks that are behind.</param>
/// <param name="IssuedAt">Null in records of before this was kept.</param>
/// <param name="RsaBits">Bits of its RSA key; null: the key is P-256.</param>
public sealed record CertificateRecord(
    string Serial,
    string Backend,
    string AuthorityId,
    ValueList<string> Uris,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    DateTimeOffset? IssuedAt = null,
    int? RsaBits = null);
