using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Tests.Hosting;
using OrleansMesh.XdsGateway.Tokens;

namespace OrleansMesh.XdsGateway.Tests.Tokens;

/// <summary>Streams end with the token that opened them.</summary>
public sealed class TokenSessionsTests : IAsyncLifetime
{
    private readonly TokenKey _other = new("key-2");
    private readonly TokenKey _offline = new("offline");
    private Gateway _gateway = null!;

    private World World => _gateway.World;

    public async Task InitializeAsync() => _gateway = await Gateway.StartAsync(options: new XdsGatewayOptions
    {
        ServerAuthorityPem = TestAuthority.Pem,
        TokenKeys = [new ConfiguredTokenKey("default", _offline.Verification)],
    });

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task ARevokedTokenEndsTheStreamsThatItOpenedAndOpensNone()
    {
        await using var first = await ConnectAsync("backend-1", World.Key.Token("backend-1", jti: "a"));
        await using var second = await ConnectAsync("backend-2", World.Key.Token("backend-2", jti: "b"));

        await World.SetTokensAsync([World.Key.Verification], ["a"]);

        Assert.Equal(("14", "connect again"), await first.EndAsync());
        Assert.Contains(_gateway.Log.Lines, line => line.Contains("its token a was revoked", StringComparison.Ordinal));
        Assert.Equal(("16", ProxyAuthenticator.PublicRefusal), await RefusalAsync("backend-1", World.Key.Token("backend-1", jti: "a")));
        Assert.Empty(await second.DrainAsync());
    }

    [Fact]
    public async Task AKeyThatIsRemovedEndsTheStreamsOfItsTokens()
    {
        await World.SetTokensAsync([World.Key.Verification, _other.Verification], []);
        await using var old = await ConnectAsync("backend-1", World.Key.Token("backend-1", jti: "a"));
        await using var rotated = await ConnectAsync("backend-2", _other.Token("backend-2", jti: "b"));

        await World.SetTokensAsync([_other.Verification], []);

        Assert.Equal(("14", "connect again"), await old.EndAsync());
        Assert.Empty(await rotated.DrainAsync());
        Assert.Equal(("16", ProxyAuthenticator.PublicRefusal), await RefusalAsync("backend-1", World.Key.Token("backend-1", jti: "a")));
    }

    [Fact]
    public async Task ATokenThatWasSignedElsewhereIsGoodByItsConfiguredKeyUntilItIsRevoked()
    {
        await using var client = await ConnectAsync("backend-1", _offline.Token("backend-1", jti: "a"));
        await World.SetTokensAsync([], []);
        Assert.Empty(await client.DrainAsync());
        await World.SetTokensAsync([], ["a"]);
        Assert.Equal(("14", "connect again"), await client.EndAsync());
    }

    [Fact]
    public async Task AKeyOfOneMeshIsNoneOfAnother()
        => Assert.Equal("mesh 'other' does not exist or never issued a token", (await new DataplaneTokenVerifier(
            _gateway.Grains, _gateway.Time, new XdsGatewayOptions { ServerAuthorityPem = "", TokenKeys = [new ConfiguredTokenKey("default", _offline.Verification)] })
            .VerifyAsync(_offline.Token("x", "other"), "other")).Refusal);

    [Fact]
    public async Task WhoConnectsWhileItsTokenIsRevokedIsEnded()
    {
        var token = World.Key.Token("backend-1", jti: "a");
        var revoked = false;
        World.Proxy("backend-1").BeforeConnected = async _ =>
        {
            if (!revoked)
                await World.SetTokensAsync([World.Key.Verification], ["a"]);
            revoked = true;
        };
        World.Proxy("backend-1").View = Views.Of("backend-1");
        await using var client = new AdsClient(_gateway.Http, AdsVariant.Delta, AdsClient.Node("backend-1", Views.DataplaneText("backend-1")), token);
        await client.SubscribeAsync(XdsType.Cluster, []);
        Assert.Equal(("14", "connect again"), await client.EndAsync());
    }

    private async Task<AdsClient> ConnectAsync(string proxy, string token)
    {
        World.Proxy(proxy).View = Views.Of(proxy, "web");
        await World.Service("web").SetAsync(9001);
        var client = new AdsClient(_gateway.Http, AdsVariant.Delta, AdsClient.Node(proxy, Views.DataplaneText(proxy)), token);
        await client.SubscribeAllAsync(null, "web");
        await client.UntilAsync(() => client.Held.GetValueOrDefault(XdsType.Listener, []).Count > 0);
        await Eventually.HoldsAsync(() => !World.TokenObservers.IsEmpty, "the gateway observes the tokens");
        await client.DrainAsync();
        return client;
    }

    private async Task<(string? Status, string? Message)> RefusalAsync(string proxy, string token)
    {
        await using var client = new AdsClient(_gateway.Http, AdsVariant.Delta, AdsClient.Node(proxy, Views.DataplaneText(proxy)), token);
        await client.SubscribeAsync(XdsType.Cluster, []);
        return await client.EndAsync();
    }
}
