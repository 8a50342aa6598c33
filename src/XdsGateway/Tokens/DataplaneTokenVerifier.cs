using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>Verifies dataplane tokens: RS256, signed by the mesh's own key, with an end that has not passed.</summary>
public sealed class DataplaneTokenVerifier(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How far the clocks of token issuers and this server may differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = 16 * 1024 };

    /// <summary>The claims of a good token, or why it is refused. The reason is for the log: it says nothing that the token's bearer may read.</summary>
    public async Task<(DataplaneClaims? Claims, string? Refusal)> VerifyAsync(string? token, string mesh)
    {
        if (string.IsNullOrEmpty(token))
            return (null, "no token");
        if (mesh.Length == 0)
            return (null, "no mesh");
        var keys = await grains.GetGrain<IMeshGrain>(mesh).GetTokenVerificationKeys();
        if (keys.Count == 0)
            return (null, $"mesh '{mesh}' does not exist or never issued a token");

        var securityKeys = new List<SecurityKey>(keys.Count);
        try
        {
            foreach (var key in keys)
            {
                var rsa = RSA.Create();
                rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.AsSpan(), out _);
                securityKeys.Add(new RsaSecurityKey(rsa) { KeyId = key.KeyId, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } });
            }

            var result = await _handler.ValidateTokenAsync(token, Expected(securityKeys));
            if (!result.IsValid)
                return (null, Reason(result.Exception));
            return Read((JsonWebToken)result.SecurityToken);
        }
        finally
        {
            foreach (var key in securityKeys.OfType<RsaSecurityKey>())
                key.Rsa.Dispose();
        }
    }

    private TokenValidationParameters Expected(IEnumerable<SecurityKey> keys) => new()
    {
        IssuerSigningKeys = keys,
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
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

    private static string Reason(Exception exception) => exception switch
    {
        SecurityTokenInvalidLifetimeException => "the token has expired or is not valid yet",
        SecurityTokenNoExpirationException => "the token has no end",
        SecurityTokenSignatureKeyNotFoundException => "the token is signed by a key that is not the mesh's",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "the token's signature is not good",
        _ => $"the token is malformed ({exception.GetType().Name})",
    };

    private static (DataplaneClaims? Claims, string? Refusal) Read(JsonWebToken token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var claims = payload.RootElement;
        var tags = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (claims.TryGetProperty("Tags", out var tagsClaim) && tagsClaim.ValueKind != JsonValueKind.Null)
        {
            if (tagsClaim.ValueKind != JsonValueKind.Object)
                return (null, "the claim Tags is not an object");
            foreach (var tag in tagsClaim.EnumerateObject())
            {
                if (tag.Value.ValueKind != JsonValueKind.Array || tag.Value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String))
                    return (null, "the claim Tags does not give each tag a list of values");
                tags[tag.Name] = [.. tag.Value.EnumerateArray().Select(v => v.GetString()!)];
            }
        }

        return Text(claims, "Name") is { } name && Text(claims, "Mesh") is { } mesh && Text(claims, "Type") is { } type
            ? (new DataplaneClaims(name, mesh, type, tags), null)
            : (null, "one of the claims Name, Mesh and Type is not text");
    }

    /// <summary>The claim's text; empty where there is none; null where it is not text.</summary>
    private static string? Text(JsonElement claims, string name)
        => !claims.TryGetProperty(name, out var claim) || claim.ValueKind == JsonValueKind.Null ? ""
            : claim.ValueKind == JsonValueKind.String ? claim.GetString()
            : null;
}
