using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tokens;

/// <summary>Verifies dataplane tokens: signed by a key of the mesh, or by one that the operator configured for it.</summary>
public sealed class DataplaneTokenVerifier(IGrainFactory grains, TimeProvider time, XdsGatewayOptions options)
{
    /// <summary>The claims of a good token, or why it is refused. The reason is for the log: it says nothing that the token's bearer may read.</summary>
    public async Task<(DataplaneClaims? Claims, string? Refusal)> VerifyAsync(string? token, string mesh)
    {
        if (string.IsNullOrEmpty(token))
            return (null, "no token");
        if (mesh.Length == 0)
            return (null, "no mesh");
        var rules = await grains.GetGrain<IMeshGrain>(mesh).GetTokenRules();
        var keys = rules.Keys.Concat(options.TokenKeys.Where(k => k.Mesh == mesh).Select(k => k.Key)).ToArray();
        if (keys.Length == 0)
            return (null, $"mesh '{mesh}' does not exist or never issued a token");
        var (good, key, refusal) = await TokenVerification.VerifyAsync(token, keys, rules, "the mesh's", time);
        if (good is null)
            return (null, refusal);
        var (claims, malformed) = Read(good);
        return (claims is null ? null : claims with { Token = new TokenIdentity(key!, good.Id, rules) }, malformed);
    }

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
