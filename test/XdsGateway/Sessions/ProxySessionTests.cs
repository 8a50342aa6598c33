using Envoy.Config.Endpoint.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using OrleansMesh.Domain.Proxies;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;
using OrleansMesh.XdsGateway.Sessions;
using OrleansMesh.XdsGateway.Tests.Hosting;
using static OrleansMesh.XdsGateway.Ads.AdsVariant;

namespace OrleansMesh.XdsGateway.Tests.Sessions;

/// <summary>Whole sessions: a client on a real connection, and grains that say what the test wants.</summary>
public sealed class ProxySessionTests : IAsyncLifetime
{
    private const string Proxy = "backend-1";

    private Gateway _gateway = null!;

    private WorldProxy Backend => _gateway.World.Proxy(Proxy);

    public async Task InitializeAsync() => _gateway = await Gateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(Delta)]
    [InlineData(StateOfTheWorld)]
    public async Task AProxyIsSentAllItNeedsInOrder(AdsVariant variant)
    {
        Backend.View = Views.Of(Proxy, "web");
        await _gateway.World.Service("web").SetAsync(9001);
        await using var client = _gateway.Connect(Proxy, variant);
        await client.SubscribeAllAsync(null, "web");

        var messages = await client.UntilAsync(() => HasAll(client));

        int First(string type) => messages.ToList().FindIndex(m => m.Type == type);
        int[] order = [First(XdsType.Cluster), First(XdsType.Extension), First(XdsType.Listener), First(XdsType.Route)];
        Assert.Equal(order.Order(), order);
        Assert.True(First(XdsType.Cluster) < First(XdsType.Endpoints));
        var endpoints = messages.Last(m => m.Type == XdsType.Endpoints).Bodies["web"].Unpack<ClusterLoadAssignment>();
        Assert.Equal(9001u, endpoints.Endpoints.Single().LbEndpoints.Single().Endpoint.Address.SocketAddress.PortValue);
        var identity = messages.Single(m => m.Resources.ContainsKey("identity_cert")).Bodies["identity_cert"].Unpack<Secret>();
        Assert.Equal("the chain", identity.TlsCertificate.CertificateChain.InlineString);
        Assert.DoesNotContain(_gateway.Log.Lines, line => line.Contains("PRIVATE KEY", StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => Backend.Count("listening") == 1, "that it listens is reported once");
    }

    [Theory]
    [InlineData(Delta)]
    [InlineData(StateOfTheWorld)]
    public async Task AChangedPermissionSendsOneResourceAndNothingElse(AdsVariant variant)
    {
        await using var client = await ConnectedAsync(variant);

        await Backend.ShowAsync(Backend.View!.Allowing("frontend"));

        var message = (await client.NextAsync())!;
        await client.AckAsync(message);
        Assert.Equal((XdsType.Extension, "permission:10.0.0.1:8080"), (message.Type, message.Resources.Keys.Single()));
        Assert.Empty(await client.DrainAsync());
        await _gateway.SettledAsync(Proxy);
        Assert.Equal(1, Backend.Count("issue"));
    }

    [Theory]
    [InlineData(Delta)]
    [InlineData(StateOfTheWorld)]
    public async Task AChangedEndpointSendsOneResourceAndNothingElse(AdsVariant variant)
    {
        await using var client = await ConnectedAsync(variant, "web", "db");
        var calls = Backend.Calls.Count;

        await _gateway.World.Service("web").SetAsync(9001, 9002);

        var message = (await client.NextAsync())!;
        await client.AckAsync(message);
        Assert.Equal((XdsType.Endpoints, "web"), (message.Type, message.Resources.Keys.Single()));
        Assert.Empty(await client.DrainAsync());
        Assert.Equal(calls, Backend.Calls.Count);
    }

    [Fact]
    public async Task AProxyThatReturnsWithAllItNeedsIsSentNothing()
    {
        var earlier = await ConnectedAsync(Delta);
        await earlier.DisposeAsync();
        await Eventually.HoldsAsync(() => Backend.Count("disconnect") == 1, "the first session ended");

        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAllAsync(earlier, "web");

        Assert.Empty(await client.DrainAsync());
        await _gateway.SettledAsync(Proxy);
        Assert.Equal(1, Backend.Count("issue"));
        await Eventually.HoldsAsync(() => Backend.Count("listening") == 2, "it is said to listen although it was sent no listener");
    }

    [Fact]
    public async Task AStateOfTheWorldProxyThatReturnsIsSentNoListenersAndSaidToListen()
    {
        var earlier = await ConnectedAsync(StateOfTheWorld);
        await earlier.DisposeAsync();
        await Eventually.HoldsAsync(() => Backend.Count("disconnect") == 1, "the first session ended");

        await using var client = _gateway.Connect(Proxy, StateOfTheWorld);
        await client.SubscribeAllAsync(earlier, "web");

        Assert.DoesNotContain(await client.DrainAsync(), m => m.Type is XdsType.Listener or XdsType.Cluster);
        await Eventually.HoldsAsync(() => Backend.Count("listening") == 2, "it is said to listen although it was sent no listener");
    }

    [Fact]
    public async Task AProxyThatReturnsWithoutItsIdentityGetsAnother()
    {
        var earlier = await ConnectedAsync(Delta);
        await earlier.DisposeAsync();
        earlier.Held[XdsType.Secret].Remove("identity_cert");

        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAllAsync(earlier, "web");
        var messages = await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert"));

        Assert.Equal("serial-2", Assert.Single(messages).Resources["identity_cert"]);
        Assert.Empty(await client.DrainAsync());
        await _gateway.SettledAsync(Proxy);
        Assert.Equal(2, Backend.Count("issue"));
    }

    [Fact]
    public async Task ThatAProxyListensIsReportedUntilItIsRecorded()
    {
        Backend.ListeningFailures = 2;
        await using var client = await ConnectedAsync(Delta);

        await Eventually.HoldsAsync(() =>
        {
            _gateway.Time.Advance(TimeSpan.FromSeconds(1));
            return Backend.Count("listening") == 3;
        }, "the third report");
        Assert.Empty(await client.DrainAsync());
    }

    [Fact]
    public async Task ThatASessionEndedIsReportedUntilItIsRecorded()
    {
        Backend.DisconnectFailures = 2;
        await using (await ConnectedAsync(Delta))
        {
        }

        await Eventually.HoldsAsync(() =>
        {
            _gateway.Time.Advance(TimeSpan.FromSeconds(1));
            return Backend.Session is null;
        }, "the session's end is recorded");
        Assert.Equal(3, Backend.Count("disconnect"));
    }

    [Fact]
    public async Task ASupersededSessionEnds()
    {
        await using var older = await ConnectedAsync(Delta);
        await using var newer = _gateway.Connect(Proxy);
        await newer.SubscribeAllAsync(older, "web");

        Assert.Equal(("14", "connect again"), await older.EndAsync());
        Assert.Empty(await newer.DrainAsync());
    }

    [Fact]
    public async Task ANewerViewThatComesBeforeTheConnectionIsAnsweredWins()
    {
        Backend.View = Views.Of(Proxy, "web");
        Backend.BeforeConnected = observer => observer.ViewChanged(Views.Of(Proxy, "db"));
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Cluster, []);

        await client.UntilAsync(() => client.Holds(XdsType.Cluster, "db"));

        Assert.Empty(await client.DrainAsync());
        Assert.False(client.Holds(XdsType.Cluster, "web"));
    }

    [Theory]
    [InlineData(Delta)]
    [InlineData(StateOfTheWorld)]
    public async Task ARefusalIsReportedInTheProxysWordsAndTakenBackWhenItAccepts(AdsVariant variant)
    {
        await using var client = await ConnectedAsync(variant);

        await Backend.ShowAsync(Backend.View!.Allowing("frontend"));
        await client.NackAsync((await client.NextAsync())!, "I do not like permission:10.0.0.1:8080");

        Assert.Empty(await client.DrainAsync());
        await _gateway.SettledAsync(Proxy);
        Assert.Equal(1, Backend.Count($"rejected {XdsType.Extension} [permission:10.0.0.1:8080]: I do not like permission:10.0.0.1:8080"));

        await Backend.ShowAsync(Backend.View!.Allowing("other"));
        await client.AckAsync((await client.NextAsync())!);
        await Eventually.HoldsAsync(() => Backend.Count($"accepted {XdsType.Extension}") == 1, "it accepts the next");
    }

    [Fact]
    public async Task ARefusalStandsWhileOnlyWhatWasBesideItIsAccepted()
    {
        Backend.View = Views.Of(Proxy, "web", "db");
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Cluster, []);

        await client.NackAsync((await client.NextAsync())!, "bad cluster db");
        var rest = (await client.NextAsync())!;
        await client.AckAsync(rest);

        Assert.DoesNotContain("db", rest.Resources.Keys);
        Assert.Empty(await client.DrainAsync());
        await _gateway.SettledAsync(Proxy);
        Assert.DoesNotContain(Backend.Calls, call => call.StartsWith("accepted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheWordsOfARefusalAreCut()
    {
        await using var client = await ConnectedAsync(Delta);

        await Backend.ShowAsync(Backend.View!.Allowing("frontend"));
        await client.NackAsync((await client.NextAsync())!, new string('x', 1_000_000));

        await Eventually.HoldsAsync(() => Backend.Calls.Any(c => c.StartsWith("rejected", StringComparison.Ordinal)), "it is reported");
        Assert.InRange(Backend.Calls.Single(c => c.StartsWith("rejected", StringComparison.Ordinal)).Length, 1, 5000);
    }

    [Fact]
    public async Task AProxyThatDoesNotAnswerIsSentOnlyTheNewestOfManyChanges()
    {
        await using var client = await ConnectedAsync(Delta);
        await Backend.ShowAsync(Backend.View!.Allowing("caller-0"));
        var unanswered = (await client.NextAsync())!;

        for (var i = 1; i < 500; i++)
            await Backend.ShowAsync(Backend.View!.Allowing($"caller-{i}"));
        await Backend.ShowAsync(Views.Of(Proxy, "web", "db").Allowing("caller-500"));

        // The last view brings a cluster too, and clusters are not held up: when it is there, all views were seen.
        var cluster = (await client.NextAsync())!;
        Assert.Equal((XdsType.Cluster, "db"), (cluster.Type, cluster.Resources.Keys.Single()));
        await client.AckAsync(unanswered);
        await client.AckAsync(cluster);
        var messages = await client.DrainAsync();
        var newest = Assert.Single(messages, m => m.Type == XdsType.Extension);
        Assert.Contains("caller-500", newest.Bodies.Values.Single().Value.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheIdentityFollowsTheView()
    {
        await using var client = await ConnectedAsync(Delta);

        await Backend.ShowAsync(Backend.View! with { Identity = Views.Identity with { Uris = ["spiffe://default/other"] } });
        await client.UntilAsync(() => client.Held[XdsType.Secret]["identity_cert"] == "serial-2");

        Assert.Equal(["spiffe://default/other"], Backend.Certificate!.Uris);
    }

    [Fact]
    public async Task AViewThatChangesWhileACertificateIsSignedGetsItsOwn()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Backend.BeforeSigning = number =>
        {
            begun.TrySetResult();
            return number == 1 ? goOn.Task : Task.CompletedTask;
        };
        Backend.View = Views.Of(Proxy);
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Secret, ["identity_cert"]);
        await begun.Task;

        await Backend.ShowAsync(Backend.View! with { Identity = Views.Identity with { Uris = ["spiffe://default/other"] } });
        await client.DrainAsync();
        goOn.SetResult();
        await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert"));

        Assert.Equal("identity_cert=serial-2", client.Versions(XdsType.Secret));
        Assert.Equal(["spiffe://default/other"], Backend.Certificate!.Uris);
    }

    [Fact]
    public async Task AnAuthorityThatFailsIsAskedAgainAndHoldsUpNothingElse()
    {
        Backend.BeforeSigning = number => number < 3 ? throw new InvalidOperationException("no authority") : Task.CompletedTask;
        Backend.View = Views.Of(Proxy, "web");
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAllAsync(null, "web");
        await client.UntilAsync(() => client.Held.ContainsKey(XdsType.Route));
        Assert.False(client.Holds(XdsType.Secret, "identity_cert"));

        await Eventually.HoldsAsync(() =>
        {
            _gateway.Time.Advance(TimeSpan.FromSeconds(1));
            return Backend.Count("issue") == 3;
        }, "it is asked a third time");

        await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert"));
    }

    [Fact]
    public async Task ACertificateIsRenewedBeforeItEnds()
    {
        await using var client = await ConnectedAsync(Delta);

        _gateway.Time.Advance(Backend.Certificate!.RenewAt() - _gateway.Time.GetUtcNow() - TimeSpan.FromSeconds(2));
        Assert.Empty(await client.DrainAsync());
        _gateway.Time.Advance(TimeSpan.FromSeconds(3));

        var messages = await client.UntilAsync(() => client.Held[XdsType.Secret]["identity_cert"] == "serial-2");
        Assert.Single(messages);
    }

    [Fact]
    public async Task AnRsaKeyIsMadeWhereTheMeshAsksForOne()
    {
        Backend.View = Views.Of(Proxy) with { Identity = Views.Identity with { RsaBits = 2048 } };
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Secret, ["identity_cert"]);
        await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert"));

        Assert.Equal(2048, Backend.SignedKey!.GetRSAPublicKey()!.KeySize);
        await Backend.ShowAsync(Backend.View with { Identity = Views.Identity });
        await client.UntilAsync(() => client.Held[XdsType.Secret]["identity_cert"] == "serial-2");
        Assert.NotNull(Backend.SignedKey!.GetECDsaPublicKey());
    }

    [Fact]
    public async Task ACertificateOfManyYearsIsRenewedOnce()
    {
        Backend.View = Views.Of(Proxy) with { Identity = Views.Identity with { CertificateLifetime = TimeSpan.FromDays(3 * 365) } };
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Secret, ["identity_cert"]);
        await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert"));

        for (var day = 0; day < 40; day++)
        {
            _gateway.Time.Advance(TimeSpan.FromDays(1));
            Assert.Empty(await client.DrainAsync());
        }

        _gateway.Time.Advance(Backend.Certificate!.RenewAt() - _gateway.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        await client.UntilAsync(() => client.Held[XdsType.Secret]["identity_cert"] == "serial-2");
        Assert.Equal(2, Backend.Count("issue"));
    }

    [Fact]
    public async Task AnAuthorityThatSignsWithAnUnknownKeyIsNotAskedInALoop()
    {
        Backend.AuthorityId = "another";
        Backend.View = Views.Of(Proxy);
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Secret, ["identity_cert"]);
        await Eventually.HoldsAsync(() => Backend.Count("issue") == 1, "it is asked");

        for (var i = 0; i < 20; i++)
            await client.DrainAsync();
        Assert.Equal(1, Backend.Count("issue"));

        Backend.AuthorityId = TestAuthority.Id;
        await Eventually.HoldsAsync(() =>
        {
            _gateway.Time.Advance(TimeSpan.FromSeconds(1));
            return Backend.Count("issue") == 2;
        }, "it is asked again after a while");
        await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert"));
    }

    [Fact]
    public async Task SecretsThatWaitForAnAuthorityAreAwaitedNotAbsent()
    {
        var view = Views.Of(Proxy) with { Inbounds = [Views.Inbound(8080, Protocol.Tcp)] };
        Backend.View = view with { Identity = Views.Identity with { TrustBundle = "" } };
        Backend.BeforeSigning = number => number == 1 ? throw new InvalidOperationException("no authority") : Task.CompletedTask;
        string[] secrets = ["identity_cert", "mesh_ca", "callers:10.0.0.1:8080"];
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Secret, secrets);

        Assert.Empty(await client.DrainAsync());

        await Backend.ShowAsync(view);
        await Eventually.HoldsAsync(() =>
        {
            _gateway.Time.Advance(TimeSpan.FromSeconds(1));
            return Backend.Count("issue") >= 2;
        }, "it is asked again");
        var messages = await client.UntilAsync(() => secrets.All(name => client.Holds(XdsType.Secret, name)));
        Assert.All(messages, m => Assert.Empty(m.Removed));

        // It is lost again: nobody loses what they have.
        await Backend.ShowAsync(Backend.View! with { Identity = Views.Identity with { TrustBundle = "" } });
        Assert.Empty(await client.DrainAsync());
    }

    [Fact]
    public async Task MutualTlsThatIsSwitchedOffAndOnBringsANewCertificate()
    {
        await using var client = await ConnectedAsync(Delta);
        var secure = Backend.View!;

        await Backend.ShowAsync(secure with { Identity = null });
        await client.UntilAsync(() => !client.Holds(XdsType.Secret, "identity_cert"));
        await client.DrainAsync();
        await Backend.ShowAsync(secure);

        await client.UntilAsync(() => client.Holds(XdsType.Secret, "identity_cert") && client.Holds(XdsType.Secret, "mesh_ca"));
        Assert.Equal("serial-2", client.Held[XdsType.Secret]["identity_cert"]);
    }

    [Fact]
    public async Task AServiceIsWatchedWhileSomebodyCallsIt()
    {
        var client = await ConnectedAsync(Delta, "web", "db");
        Assert.Equal((1, 1), (_gateway.World.Service("web").Observers, _gateway.World.Service("db").Observers));

        await Backend.ShowAsync(Views.Of(Proxy, "web"));
        await Eventually.HoldsAsync(() => _gateway.World.Service("db").Observers == 0, "db is not called any more");
        Assert.Equal(1, _gateway.World.Service("web").Observers);

        await client.DisposeAsync();
        await Eventually.HoldsAsync(() => _gateway.World.Service("web").Observers == 0, "the session ended");
    }

    [Fact]
    public async Task AReturningProxyThatAsksForNoListenersLosesWhatIsGoneInTheEnd()
    {
        Backend.View = Views.Of(Proxy, "web");
        var earlier = _gateway.Connect(Proxy);
        await earlier.SubscribeAsync(XdsType.Cluster, []);
        await earlier.UntilAsync(() => earlier.Holds(XdsType.Cluster, "web"));
        await earlier.DisposeAsync();

        Backend.View = Views.Of(Proxy);
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Cluster, [], earlier);
        Assert.Empty(await client.DrainAsync());

        _gateway.Time.Advance(TimeSpan.FromSeconds(20));
        await client.UntilAsync(() => !client.Holds(XdsType.Cluster, "web"));
    }

    [Fact]
    public async Task AStoreThatIsDownAtTheConnectionEndsItAsUnavailable()
    {
        Backend.View = Views.Of(Proxy);
        Backend.ConnectFailure = new InvalidOperationException("the disk of host-17 is full");
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Cluster, []);

        Assert.Equal(("14", "connect again"), await client.EndAsync());
        Assert.Contains(_gateway.Log.Lines, line => line.Contains("host-17", StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => Backend.Count("disconnect") == 1, "a connection that may have come about is ended");
    }

    [Fact]
    public async Task AMeshThatCannotBeAskedEndsTheCallAsUnavailable()
    {
        _gateway.World.MeshFailure = new InvalidOperationException("no store");
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Cluster, []);

        Assert.Equal(("14", "connect again"), await client.EndAsync());
    }

    [Fact]
    public async Task WhoIsRefusedLearnsNothing()
    {
        Backend.View = null;
        foreach (var token in (string?[])[null, "nonsense", new TokenKey("key-1").Token(Proxy), _gateway.World.Key.Token("other"), _gateway.World.Key.Token(Proxy)])
        {
            await using var client = new AdsClient(_gateway.Http, Delta, AdsClient.Node(Proxy, Views.DataplaneText(Proxy)), token);
            await client.SubscribeAsync(XdsType.Cluster, []);
            Assert.Equal(("16", "authentication failed"), await client.EndAsync());
        }

        Assert.Equal(5, _gateway.Log.Lines.Count(line => line.Contains("Refused proxy default/backend-1", StringComparison.Ordinal)));
        Assert.Equal(1, Backend.Count("connect"));
    }

    [Fact]
    public async Task TheTokenOfAQuarantinedProxyIsWorthNothing()
    {
        _gateway.World.Quarantined.Add(Proxy);
        await using var client = _gateway.Connect(Proxy);
        await client.SubscribeAsync(XdsType.Cluster, []);
        Assert.Equal(("16", "authentication failed"), await client.EndAsync());
        Assert.Contains(_gateway.Log.Lines, line => line.Contains("quarantined (stolen)", StringComparison.Ordinal));
        Assert.Equal(0, Backend.Count("connect"));
    }

    [Fact]
    public async Task AClientThatSaysNothingIsCutOff()
    {
        await using var client = _gateway.Connect(Proxy);
        var end = client.EndAsync();

        await Eventually.HoldsAsync(() =>
        {
            _gateway.Time.Advance(AdsEndpoint.FirstRequestLimit);
            return end.IsCompleted;
        }, "the call ends");
        Assert.Equal("4", (await end).Status);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("")]
    public async Task ANodeThatIsNobodyIsRefused(string id)
    {
        await using var client = new AdsClient(_gateway.Http, Delta, new() { Id = id }, _gateway.World.Key.Token(""));
        await client.SubscribeAsync(XdsType.Cluster, []);

        Assert.Equal(("3", "node.id: expected {mesh}.{name}"), await client.EndAsync());
    }

    [Theory]
    [InlineData("Default.backend-1")]
    [InlineData("default.backend 1")]
    [InlineData("default.a/b")]
    [InlineData("mesh/x.backend-1")]
    [InlineData("line\nbreak.backend-1")]
    public async Task NamesThatNobodyCanHaveReachNoGrainAndNoLog(string id)
    {
        await using var client = new AdsClient(_gateway.Http, Delta, new() { Id = id }, _gateway.World.Key.Token(""));
        await client.SubscribeAsync(XdsType.Cluster, []);

        Assert.Equal(("16", "authentication failed"), await client.EndAsync());
        Assert.Equal(0, _gateway.World.MeshesAsked);
        Assert.DoesNotContain(_gateway.Log.Lines, line => line.Contains(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIsNoRequestEndsTheSessionAndItsReader()
    {
        var client = await ConnectedAsync(Delta);
        await client.SendRawAsync(new byte[] { 0xff, 0xff, 0xff });

        Assert.Equal(("3", "the message is not a discovery request"), await client.EndAsync());
        await Eventually.HoldsAsync(() => Backend.Count("disconnect") == 1, "the session ended");
    }

    [Fact]
    public async Task AProxyThatBreaksTheProtocolIsDisconnected()
    {
        await using var client = await ConnectedAsync(Delta);
        await client.SendAsync(new DeltaDiscoveryRequest());

        Assert.Equal(("3", "type_url is missing"), await client.EndAsync());
        await Eventually.HoldsAsync(() => Backend.Count("disconnect") == 1, "the session ended");
    }

    /// <summary>A proxy that calls these services, or web, and has all that it needs.</summary>
    private async Task<AdsClient> ConnectedAsync(AdsVariant variant, params string[] calls)
    {
        calls = calls.Length > 0 ? calls : ["web"];
        Backend.View ??= Views.Of(Proxy, calls);
        foreach (var service in calls)
            await _gateway.World.Service(service).SetAsync(9001);
        var client = _gateway.Connect(Proxy, variant);
        await client.SubscribeAllAsync(null, calls);
        await client.UntilAsync(() => HasAll(client, calls));
        Assert.Empty(await client.DrainAsync());
        await _gateway.SettledAsync(Proxy);
        return client;
    }

    private static bool HasAll(AdsClient client, params string[] calls)
        => client.Held.ContainsKey(XdsType.Listener) && client.Held.ContainsKey(XdsType.Route) && client.Held.ContainsKey(XdsType.Extension)
            && client.Holds(XdsType.Secret, "identity_cert") && client.Holds(XdsType.Secret, "mesh_ca")
            && (calls.Length > 0 ? calls : ["web"]).All(service => client.Holds(XdsType.Endpoints, service));
}
