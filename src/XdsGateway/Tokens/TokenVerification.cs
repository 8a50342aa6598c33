using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>
/// Whether a token is good: signed with RS256 or ES256 by one of some keys, not revoked, with an end that has not passed. Nothing here compares one token, or a
/// part of one, with another: no good token is known to the server, so that no answer's time can tell of one.
/// </summary>
public static class TokenVerification
{
    /// <summary>How far the clocks of token issuers and this server may differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private static readonly JsonWebTokenHandler Handler = new() { MaximumTokenSizeInBytes = 16 * 1024 };

    /// <summary>The good token and the key that signed it, or why it is refused. The reason is for the log: it says nothing that the token's bearer may read.</summary>
    /// <param name="owner">Whose keys they are, for the reason: <c>the mesh's</c>.</param>
    public static async Task<(JsonWebToken? Token, TokenVerificationKey? Key, string? Refusal)> VerifyAsync(
        string token, IReadOnlyList<TokenVerificationKey> keys, TokenRules rules, string owner, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(time);
        var imported = new List<(TokenVerificationKey Key, AsymmetricAlgorithm Algorithm)>(keys.Count);
        try
        {
            // Of two keys of one name the first counts.
            foreach (var key in keys.DistinctBy(k => k.KeyId, StringComparer.Ordinal))
                imported.Add((key, Import(key)));
            var result = await Handler.ValidateTokenAsync(token, Expected(imported.Select(i => SecurityKeyOf(i.Key, i.Algorithm)), time));
            if (!result.IsValid)
                return (null, null, Reason(result.Exception, owner));
            var good = (JsonWebToken)result.SecurityToken;
            var signer = imported.First(i => i.Key.KeyId == result.SecurityToken.SigningKey.KeyId).Key;
            return rules.IsRevoked(good.Id) ? (null, null, $"the token {good.Id} is revoked") : (good, signer, null);
        }
        finally
        {
            foreach (var (_, algorithm) in imported)
                algorithm.Dispose();
        }
    }

    /// <summary>The public key.</summary>
    /// <exception cref="CryptographicException">It is neither an RSA nor a P-256 key.</exception>
    public static AsymmetricAlgorithm Import(TokenVerificationKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var info = PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.AsSpan(), out _);
        if (info.GetRSAPublicKey() is { } rsa)
            return rsa;
        if (info.GetECDsaPublicKey() is not { } curve)
            throw new CryptographicException("expected an RSA or P-256 public key");
        if (curve.KeySize == 256)
            return curve;
        curve.Dispose();
        throw new CryptographicException("expected P-256, found another curve");
    }

    // Without the cache, since a cached verifier would outlive the key.
    private static SecurityKey SecurityKeyOf(TokenVerificationKey key, AsymmetricAlgorithm algorithm)
    {
        SecurityKey made = algorithm is RSA rsa ? new RsaSecurityKey(rsa) : new ECDsaSecurityKey((ECDsa)algorithm);
        made.KeyId = key.KeyId;
        made.CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false };
        return made;
    }

    private static TokenValidationParameters Expected(IEnumerable<SecurityKey> keys, TimeProvider time) => new()
    {
        IssuerSigningKeys = keys.ToArray(),
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuer = false,
        ValidateAudience = false,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (notBefore, expires, _, _) =>
        {
            var now = time.GetUtcNow().UtcDateTime;
            return expires is { } end && now - ClockSkew < end && (notBefore is not { } start || now + ClockSkew >= start);
        },
    };

    private static string Reason(Exception exception, string owner) => exception switch
    {
        SecurityTokenInvalidLifetimeException => "the token has expired or is not valid yet",
        SecurityTokenNoExpirationException => "the token has no end",
        SecurityTokenSignatureKeyNotFoundException => $"the token is signed by a key that is not {owner}",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "the token's signature is not good",
        _ => $"the token is malformed ({exception.GetType().Name})",
    };
}
