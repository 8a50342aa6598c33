using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using OrleansMesh.XdsGateway.Tests.Hosting;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Tests.Tokens;

public sealed class DataplaneTokenVerifierTests : IAsyncLifetime
{
    private Gateway _gateway = null!;
    private DataplaneTokenVerifier _verifier = null!;

    private TokenKey Key => _gateway.World.Key;

    private long Now => _gateway.Time.GetUtcNow().ToUnixTimeSeconds();

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync();
        _verifier = new DataplaneTokenVerifier(_gateway.Grains, _gateway.Time, new XdsGatewayOptions { ServerAuthorityPem = TestAuthority.Pem });
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task AGoodTokenSaysWhatItsBearerIs()
    {
        var token = Key.Token("backend-1", tags: new Dictionary<string, string[]> { ["kuma.io/service"] = ["backend", "admin"] });

        var (claims, refusal) = await _verifier.VerifyAsync(token, "default");

        Assert.Null(refusal);
        Assert.Equal(("backend-1", "default", "dataplane"), (claims!.Name, claims.Mesh, claims.Type));
        Assert.Equal(["backend", "admin"], Assert.Single(claims.Tags, t => t.Key == "kuma.io/service").Value);
    }

    [Fact]
    public async Task ClaimsThatAreNotThereOrNullAreEmpty()
    {
        var (claims, _) = await _verifier.VerifyAsync(Key.Sign($$"""{"Mesh": "default", "Name": null, "Tags": null, "exp": {{Now + 60}}}"""), "default");

        Assert.Equal(("", "default", ""), (claims!.Name, claims.Mesh, claims.Type));
        Assert.Empty(claims.Tags);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(-4, 0)]
    [InlineData(60, 4)]
    public async Task ClocksMayDifferALittle(int expires, int notBefore)
        => Assert.Null((await _verifier.VerifyAsync(Key.Sign(new { Mesh = "default", exp = Now + expires, nbf = Now + notBefore }), "default")).Refusal);

    [Fact]
    public async Task ATokenOfAnotherKeyIsRefused()
        => await RefusedAsync(new TokenKey("key-2").Token("backend-1"), "the token is signed by a key that is not the mesh's");

    [Fact]
    public async Task ATokenOfAnotherKeyWithTheNameOfTheRightOneIsRefused()
        => await RefusedAsync(new TokenKey("key-1").Token("backend-1"), "the token's signature is not good");

    [Fact]
    public async Task ATokenOfAMeshWithoutKeysIsRefused()
        => Assert.Equal("mesh 'other' does not exist or never issued a token", (await _verifier.VerifyAsync(Key.Token("backend-1", "other"), "other")).Refusal);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task NoTokenIsRefused(string? token) => await RefusedAsync(token, "no token");

    [Fact]
    public async Task NoMeshIsRefused() => Assert.Equal("no mesh", (await _verifier.VerifyAsync(Key.Token("backend-1"), "")).Refusal);

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"none","kid":"key-1"}""")]
    [InlineData("""{"alg":"RS256","kid":"key-1"}""")]
    public async Task AnUnsignedTokenIsRefused(string header)
        => await RefusedAsync($"{Part(header)}.{Part(JsonSerializer.Serialize(new { Mesh = "default", exp = Now + 60 }))}.");

    [Fact]
    public async Task ATokenSignedWithThePublicKeyAsASharedSecretIsRefused()
    {
        foreach (var secret in (byte[][])[Key.PublicKey, Encoding.UTF8.GetBytes(Key.PublicKeyPem)])
        {
            var signed = $"{Part("""{"alg":"HS256","kid":"key-1"}""")}.{Part(JsonSerializer.Serialize(new { Mesh = "default", exp = Now + 60 }))}";
            await RefusedAsync($"{signed}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}");
        }
    }

    [Fact]
    public async Task AnotherAlgorithmOfTheRightKeyIsRefused()
        => await RefusedAsync(Key.Sign(JsonSerializer.Serialize(new { Mesh = "default", exp = Now + 60 }), SecurityAlgorithms.RsaSha512));

    [Fact]
    public async Task AChangedTokenIsRefused()
    {
        var parts = Key.Token("backend-1").Split('.');
        await RefusedAsync($"{parts[0]}.{Part(JsonSerializer.Serialize(new { Mesh = "default", Name = "", exp = Now + 60 }))}.{parts[2]}", "the token's signature is not good");
    }

    [Fact]
    public async Task ATokenThatHasEndedIsRefused()
    {
        await RefusedAsync(Key.Token("backend-1", expires: _gateway.Time.GetUtcNow() - TimeSpan.FromSeconds(6)), "the token has expired or is not valid yet");
        await RefusedAsync(Key.Sign("""{"Mesh": "default", "exp": 0}"""), "the token has expired or is not valid yet");
    }

    [Fact]
    public async Task ATokenThatHasNotBegunIsRefused()
        => await RefusedAsync(Key.Sign(new { Mesh = "default", exp = Now + 60, nbf = Now + 10 }), "the token has expired or is not valid yet");

    [Fact]
    public async Task ATokenWithoutAnEndIsRefused() => await RefusedAsync(Key.Sign(new { Mesh = "default" }));

    [Theory]
    [InlineData("\"tomorrow\"")]
    [InlineData("1e400")]
    [InlineData("-1")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task AnEndThatIsNoTimeIsRefused(string end) => await RefusedAsync(Key.Sign($$"""{"Mesh": "default", "exp": {{end}}}"""));

    [Fact]
    public async Task AnEndBeyondAllTimesRefusesOrHoldsButDoesNotFail()
    {
        var (claims, refusal) = await _verifier.VerifyAsync(Key.Sign("""{"Mesh": "default", "exp": 999999999999999}"""), "default");

        Assert.True(claims is null != refusal is null);
    }

    [Fact]
    public async Task ATokenThatIsTooLongIsRefused() => await RefusedAsync(Key.Token(new string('x', 20_000)));

    [Theory]
    [InlineData(""" "Name": 7 """, "one of the claims Name, Mesh and Type is not text")]
    [InlineData(""" "Type": {} """, "one of the claims Name, Mesh and Type is not text")]
    [InlineData(""" "Tags": [] """, "the claim Tags is not an object")]
    [InlineData(""" "Tags": {"a": "b"} """, "the claim Tags does not give each tag a list of values")]
    [InlineData(""" "Tags": {"a": [1]} """, "the claim Tags does not give each tag a list of values")]
    public async Task ClaimsOfAnotherShapeAreRefused(string claim, string refusal)
        => await RefusedAsync(Key.Sign($$"""{"Mesh": "default", "exp": {{Now + 60}}, {{claim}}}"""), refusal);

    [Theory]
    [InlineData("x")]
    [InlineData("x.y.z")]
    [InlineData("..")]
    [InlineData("....")]
    public async Task WhatIsNoTokenIsRefused(string token) => await RefusedAsync(token);

    private async Task RefusedAsync(string? token, string? reason = null)
    {
        var (claims, refusal) = await _verifier.VerifyAsync(token, "default");

        Assert.Null(claims);
        Assert.NotNull(refusal);
        if (reason is not null)
            Assert.Equal(reason, refusal);
        else
            Assert.StartsWith("the token", refusal, StringComparison.Ordinal);
    }

    private static string Part(string json) => Base64UrlEncoder.Encode(json);
}
