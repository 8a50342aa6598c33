using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.Domain.Values;
using OrleansMesh.GrainInterfaces;

namespace OrleansMesh.XdsGateway.Tests.Hosting;

/// <summary>A key that signs dataplane tokens.</summary>
internal sealed class TokenKey(string id)
{
    private readonly RSA _rsa = RSA.Create(2048);

    public byte[] PublicKey => _rsa.ExportSubjectPublicKeyInfo();

    public string PublicKeyPem => _rsa.ExportSubjectPublicKeyInfoPem();

    public TokenVerificationKey Verification => new(id, ValueList.Create<byte>(PublicKey));

    /// <summary>A good token for that proxy; any of the mesh where it has no name.</summary>
    public string Token(string name, string mesh = "default", object? tags = null, DateTimeOffset? expires = null, string jti = "")
        => Sign(new { Name = name, Mesh = mesh, Type = "dataplane", Tags = tags ?? new { }, jti, exp = (expires ?? new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToUnixTimeSeconds() });

    public string Sign(object claims) => Sign(JsonSerializer.Serialize(claims));

    public string Sign(string claims, string algorithm = SecurityAlgorithms.RsaSha256, string? keyId = null)
        => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            claims, new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = keyId ?? id }, algorithm));
}
