using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansMesh.Domain.Tokens;

/// <summary>JSON Web Tokens in compact form (RFC 7515, section 7.1), signed with RS256 or ES256 (RFC 7518, section 3.1).</summary>
public static class SignedToken
{
    /// <summary>Signs with RS256.</summary>
    /// <param name="keyId">The header's <c>kid</c>.</param>
    public static string Make(byte[] claims, string keyId, RSA key)
        => Make(claims, "RS256", keyId, bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Signs with ES256; the key is P-256.</summary>
    /// <param name="keyId">The header's <c>kid</c>.</param>
    public static string Make(byte[] claims, string keyId, ECDsa key)
        => Make(claims, "ES256", keyId, bytes => key.SignData(bytes, HashAlgorithmName.SHA256));

    private static string Make(byte[] claims, string algorithm, string keyId, Func<byte[], byte[]> sign)
    {
        var header = $$"""{"alg":"{{algorithm}}","kid":{{JsonSerializer.Serialize(keyId)}},"typ":"JWT"}""";
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
