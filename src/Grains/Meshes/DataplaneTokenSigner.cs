using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.Grains.Meshes;

/// <summary>Signs dataplane tokens. Source of the claims: Kuma's dataplane tokens.</summary>
internal static class DataplaneTokenSigner
{
    /// <summary>Tokens are valid from a little before they were made, for clocks that are a little behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>A JWT, signed with RS256.</summary>
    public static string Sign(string mesh, DataplaneTokenRequest request, RSA key, string keyId, Guid tokenId, DateTimeOffset now)
    {
        // Without the cache, since a cached signer would outlive the key.
        var credentials = new SigningCredentials(new RsaSecurityKey(key) { KeyId = keyId }, SecurityAlgorithms.RsaSha256)
        {
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(Claims(mesh, request, tokenId, now), credentials);
    }

    private static string Claims(string mesh, DataplaneTokenRequest request, Guid tokenId, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("Name", request.Name);
            json.WriteString("Mesh", mesh);
            json.WriteStartObject("Tags");
            foreach (var (tag, values) in request.Tags)
            {
                json.WriteStartArray(tag);
                foreach (var value in values)
                    json.WriteStringValue(value);
                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteString("Type", request.Type);
            json.WriteNumber("exp", (now + request.ValidFor).ToUnixTimeSeconds());
            json.WriteNumber("nbf", (now - ClockSkew).ToUnixTimeSeconds());
            json.WriteNumber("iat", (now - ClockSkew).ToUnixTimeSeconds());
            json.WriteString("jti", tokenId);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
