using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansMesh.Domain.Tokens;

namespace OrleansMesh.Domain.Tests.Tokens;

public sealed class SignedTokenTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_token_is_signed_as_RFC_7515_says_with_either_kind_of_key()
    {
        var claims = TokenClaims.OfUser("john", ["team-a"], "id-1", Now, TimeSpan.FromHours(1));
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (signed, header, signature) = Parts(SignedToken.Make(claims, "a\"b", rsa));
        Assert.Equal(("RS256", "a\"b"), (header.GetProperty("alg").GetString(), header.GetProperty("kid").GetString()));
        Assert.True(rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        (signed, header, signature) = Parts(SignedToken.Make(claims, "k", curve));
        Assert.Equal("ES256", header.GetProperty("alg").GetString());
        Assert.True(curve.VerifyData(signed, signature, HashAlgorithmName.SHA256));
    }

    [Fact]
    public void The_claims_are_Kumas()
        => Assert.Equal(
            """{"Name":"web-1","Mesh":"default","Tags":{"kuma.io/service":["web","api"]},"Type":"dataplane","exp":1795570200,"nbf":1795566595,"iat":1795566595,"jti":"id-1"}""",
            Encoding.UTF8.GetString(TokenClaims.OfDataplane("default", "web-1", "dataplane", [("kuma.io/service", ["web", "api"])], "id-1", DateTimeOffset.FromUnixTimeSeconds(1795566600), TimeSpan.FromHours(1))));

    private static (byte[] Signed, JsonElement Header, byte[] Signature) Parts(string token)
    {
        var parts = token.Split('.');
        return (Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement, Base64Url.DecodeFromChars(parts[2]));
    }
}
