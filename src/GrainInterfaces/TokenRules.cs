using OrleansMesh.Domain.Values;

namespace OrleansMesh.GrainInterfaces;

/// <summary>Which tokens are good: those that one of these keys signed and that are not revoked.</summary>
/// <param name="Version">Grows with the stream of whom they belong to: of two the one with the greater version is newer.</param>
/// <param name="Keys">Empty where no token was ever issued, or the mesh does not exist.</param>
/// <param name="Revoked">The <c>jti</c> of tokens that are good no more, in ordinal order.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.token-rules")]
public sealed record TokenRules(
    [property: Id(0)] long Version,
    [property: Id(1)] ValueList<TokenVerificationKey> Keys,
    [property: Id(2)] ValueList<string> Revoked)
{
    /// <summary>Whether the token of that <c>jti</c> is revoked.</summary>
    public bool IsRevoked(string tokenId) => Revoked.AsSpan().BinarySearch(tokenId, StringComparer.Ordinal) >= 0;
}

/// <summary>A public key that verifies tokens.</summary>
/// <param name="KeyId">The JWT header's <c>kid</c>.</param>
/// <param name="SubjectPublicKeyInfo">An RSA or P-256 public key, DER.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.token-verification-key")]
public sealed record TokenVerificationKey([property: Id(0)] string KeyId, [property: Id(1)] ValueList<byte> SubjectPublicKeyInfo);

/// <summary>A private key that was made elsewhere and is to sign tokens from now on.</summary>
/// <param name="KeyId">The JWT header's <c>kid</c>.</param>
/// <param name="Pem">An RSA private key of at least 2048 bits, PEM.</param>
[GenerateSerializer, Immutable, Alias("orleansmesh.imported-signing-key")]
public sealed record ImportedSigningKey([property: Id(0)] string KeyId, [property: Id(1)] SecretData Pem);

/// <summary>Is told which tokens of a mesh are good.</summary>
public interface ITokenObserver : IGrainObserver
{
    [OneWay]
    Task TokensChanged(TokenRules rules);
}
