using Envoy.Service.Discovery.V3;
using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;
using static OrleansMesh.XdsGateway.Tests.Ads.Content;

namespace OrleansMesh.XdsGateway.Tests.Ads;

public sealed class AdsSessionTests
{
    private const string Cluster = XdsType.Cluster;
    private const string Endpoints = XdsType.Endpoints;
    private const string Listener = XdsType.Listener;
    private const string Secret = XdsType.Secret;

    public static TheoryData<AdsVariant> Variants => new(AdsVariant.Delta, AdsVariant.StateOfTheWorld);

    [Theory, MemberData(nameof(Variants))]
    public void A_wildcard_over_nothing_is_answered_once_so_that_the_client_goes_on(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "1"));
        client.SubscribeToAll(Cluster);

        var response = Assert.Single(client.ReadAll());
        Assert.Empty(response.Resources);
        Assert.Empty(client.ReadAll());
    }

    [Theory, MemberData(nameof(Variants))]
    public void Nothing_is_sent_before_the_content_is_known(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant);
        client.SubscribeToAll(Cluster);
        client.Subscribe(Secret, "identity");
        Assert.Empty(client.ReadAll());

        client.Set(All(Cluster, "1", "a"));
        client.ReadAll();
        Assert.Equal("a1", client.Has(Cluster));
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_client_that_reconnects_with_everything_is_sent_nothing(AdsVariant variant)
    {
        TypeChange[] content = [All(Cluster, "1", "a", "b"), All(Listener, "1", "in")];
        var client = ModelClient.Connect(variant, content);
        client.SubscribeToAll(Cluster);
        client.SubscribeToAll(Listener);
        client.ReadAll();

        client.Reconnect(content);
        Assert.Empty(client.ReadAll());

        client.Set(Upsert(Cluster, "2", "b"));
        client.ReadAll();
        Assert.Equal("a1 b2", client.Has(Cluster));
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_client_that_reconnects_is_sent_what_changed_and_told_what_has_gone(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "1", "a", "b", "c"), All(Listener, "1"));
        client.SubscribeToAll(Cluster);
        client.SubscribeToAll(Listener);
        client.ReadAll();

        client.Reconnect([All(Cluster, "1", "a", "d"), Upsert(Cluster, "2", "b"), All(Listener, "1")]);
        client.ReadAll();
        Assert.Equal("a1 b2 d1", client.Has(Cluster));
    }

    [Fact]
    public void Delta_named_resources_that_the_client_still_holds_are_not_sent_again()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Secret, "7", "ca", "identity"));
        client.Subscribe(Secret, "ca", "identity");
        client.ReadAll();

        client.Reconnect([All(Secret, "7", "ca"), Upsert(Secret, "8", "identity")]);
        var subscribed = client.Events.OfType<AdsEvent.SubscriptionChanged>().Last();
        Assert.Equal("7", subscribed.HeldVersions["identity"]);
        Assert.Equal(["identity"], Assert.Single(client.ReadAll()).Resources.Select(r => r.Name));
    }

    [Fact]
    public void Delta_what_is_subscribed_to_again_is_sent_again()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Endpoints, "1", "a", "b"));
        client.Subscribe(Endpoints, "a", "b");
        client.ReadAll();

        client.Subscribe(Endpoints, "a");
        Assert.Equal(["a"], Assert.Single(client.ReadAll()).Resources.Select(r => r.Name));
        Assert.Empty(client.ReadAll());
    }

    [Fact]
    public void Delta_a_pending_name_is_waited_for_and_an_absent_one_is_not()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Secret, "1") with { Pending = ["identity"] });
        client.Subscribe(Secret, "identity", "other");
        Assert.Equal(["other"], Assert.Single(client.ReadAll()).Removed);

        client.Set(Upsert(Secret, "1", "identity"));
        client.ReadAll();
        Assert.Equal("identity1", client.Has(Secret));
    }

    [Fact]
    public void Delta_a_pending_name_that_fails_is_answered_as_absent()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Secret, "1") with { Pending = ["identity"] });
        client.Subscribe(Secret, "identity");
        Assert.Empty(client.ReadAll());

        client.Set(Remove(Secret, "identity"));
        Assert.Equal(["identity"], Assert.Single(client.ReadAll()).Removed);
    }

    [Fact]
    public void Delta_of_a_type_looked_up_on_demand_only_what_is_known_is_answered()
    {
        var client = ModelClient.Connect(AdsVariant.Delta);
        client.Subscribe(Endpoints, "a", "b", "c");
        Assert.Empty(client.ReadAll());

        client.Set(Upsert(Endpoints, "1", "a"), Remove(Endpoints, "b"));
        var response = Assert.Single(client.ReadAll());
        Assert.Equal(["a"], response.Resources.Select(r => r.Name));
        Assert.Equal(["b"], response.Removed);
        Assert.Empty(client.ReadAll());
    }

    [Fact]
    public void Delta_a_name_given_up_under_a_wildcard_is_told_as_the_wildcard_has_it()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Cluster, "1", "a"));
        client.Subscribe(Cluster, "*", "a", "z");
        client.ReadAll();

        client.Unsubscribe(Cluster, "a", "z");
        var response = Assert.Single(client.ReadAll());
        Assert.Equal(["a"], response.Resources.Select(r => r.Name));
        Assert.Equal(["z"], response.Removed);
    }

    [Theory, MemberData(nameof(Variants))]
    public void While_a_response_is_unanswered_changes_are_coalesced_to_the_newest(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "0", "a"));
        client.SubscribeToAll(Cluster);
        for (var version = 1; version <= 1_000; version++)
            client.Set(Upsert(Cluster, $"{version}", "a"));

        Assert.Equal(["0", "1000"], client.ReadAll().Select(response => response.Resources[0].Version));
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_change_that_is_taken_back_before_it_was_sent_is_not_sent(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Endpoints, "1", "a", "b"));
        client.Subscribe(Endpoints, "a", "b");
        client.Set(Upsert(Endpoints, "2", "a"), Remove(Endpoints, "b"));
        client.Set(Upsert(Endpoints, "1", "a", "b"));

        Assert.Single(client.ReadAll());
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_rejected_version_is_reported_and_not_sent_again_until_it_changes(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "1", "a", "b"));
        client.IsBad = (_, content) => content.Version == "2";
        client.SubscribeToAll(Cluster);
        client.ReadAll();

        client.Set(Upsert(Cluster, "2", "a"));
        client.ReadAll();
        var rejected = Assert.Single(client.Events.OfType<AdsEvent.Rejected>());
        Assert.Equal((Cluster, "Error adding/updating resource a: it does not validate"), (rejected.Type, rejected.Message));
        Assert.Equal(["a"], rejected.Resources);

        client.Set(Upsert(Cluster, "2", "a"));
        Assert.Empty(client.ReadAll());
        client.Set(Upsert(Cluster, "3", "b"));
        client.ReadAll();
        Assert.Equal("a1 b3", client.Has(Cluster));
        client.Set(Upsert(Cluster, "3", "a"));
        client.ReadAll();
        Assert.Equal("a3 b3", client.Has(Cluster));
        Assert.Single(client.Events.OfType<AdsEvent.Rejected>());
    }

    [Theory, MemberData(nameof(Variants))]
    public void What_was_rejected_only_with_a_bad_neighbour_is_sent_again_without_it(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "1", "bad", "good", "good-too"));
        client.IsBad = (_, content) => content.Name == "bad";
        client.SubscribeToAll(Cluster);
        client.ReadAll();

        Assert.Equal("good1 good-too1", client.Has(Cluster));
        Assert.Equal(["bad"], Assert.Single(client.Events.OfType<AdsEvent.Rejected>()).Resources);
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_rejection_that_names_nothing_concerns_the_whole_change(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Endpoints, "1", "a", "b", "c"));
        client.NamesBadResource = false;
        client.Subscribe(Endpoints, "a", "b", "c");
        client.ReadAll();
        client.IsBad = (_, content) => content is { Name: "a", Version: "2" };
        client.Set(Upsert(Endpoints, "2", "a", "b"));
        client.ReadAll();

        Assert.Equal(["a", "b"], Assert.Single(client.Events.OfType<AdsEvent.Rejected>()).Resources);
        Assert.Equal("a1 b1 c1", client.Has(Endpoints));
        client.Set(Upsert(Endpoints, "3", "b"));
        client.ReadAll();
        Assert.Equal("a1 b3 c1", client.Has(Endpoints));
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_change_goes_in_order_and_a_cluster_leaves_when_its_listener_has_left_it(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "1", "old"), All(Listener, "1", "out"));
        client.SubscribeToAll(Cluster);
        client.SubscribeToAll(Listener);
        client.ReadAll();

        client.Set(Upsert(Listener, "2", "out"), Upsert(Cluster, "1", "new"), Remove(Cluster, "old"));
        Assert.Equal(Cluster, client.ReadOne()!.Type);
        Assert.Equal("new1 old1", client.Has(Cluster));
        Assert.Equal(Listener, client.ReadOne()!.Type);
        Assert.Equal("new1 old1", client.Has(Cluster));
        Assert.Equal(Cluster, client.ReadOne()!.Type);
        Assert.Equal("new1", client.Has(Cluster));
        Assert.Empty(client.ReadAll());
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_cluster_stays_while_a_listener_that_was_to_leave_it_is_rejected(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "1", "old"), All(Listener, "1", "out"));
        client.IsBad = (type, content) => type == Listener && content.Version == "2";
        client.SubscribeToAll(Cluster);
        client.SubscribeToAll(Listener);
        client.ReadAll();

        client.Set(Upsert(Listener, "2", "out"), Remove(Cluster, "old"));
        client.ReadAll();
        Assert.Equal(("old1", "out1"), (client.Has(Cluster), client.Has(Listener)));

        client.Set(Upsert(Listener, "3", "out"));
        client.ReadAll();
        Assert.Equal(("", "out3"), (client.Has(Cluster), client.Has(Listener)));
    }

    [Fact]
    public void Delta_a_reconnecting_client_keeps_old_clusters_until_its_listeners_were_looked_at()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Cluster, "1", "old"), All(Listener, "1", "out"));
        client.SubscribeToAll(Cluster);
        client.SubscribeToAll(Listener);
        client.ReadAll();

        client.Reconnect([All(Cluster, "1", "new"), All(Listener, "2", "out")]);
        Assert.Equal([Cluster, Listener, Cluster], client.ReadAll().Select(response => response.Type));
        Assert.Equal(("new1", "out2"), (client.Has(Cluster), client.Has(Listener)));
    }

    [Fact]
    public void Delta_a_reconnecting_client_without_listeners_loses_old_clusters_when_the_wait_is_concluded()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Cluster, "1", "old"));
        client.SubscribeToAll(Cluster);
        client.ReadAll();

        client.Reconnect([All(Cluster, "1")]);
        Assert.Empty(client.ReadAll());
        client.Session.ConcludeReconnect();
        client.Set();
        client.ReadAll();
        Assert.Equal("", client.Has(Cluster));
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_changed_cluster_is_followed_by_its_endpoints(AdsVariant variant)
    {
        var client = ModelClient.Connect(variant, All(Cluster, "1", "a", "b"), All(Endpoints, "1", "a", "b"));
        client.SubscribeToAll(Cluster);
        client.Subscribe(Endpoints, "a", "b");
        client.ReadAll();

        client.Set(Upsert(Cluster, "2", "a"));
        var read = client.ReadAll();
        Assert.Equal([Cluster, Endpoints], read.Select(response => response.Type));
        Assert.Equal(["a"], read[1].Resources.Select(r => r.Name));
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_cluster_that_changed_while_the_client_was_away_is_followed_by_its_endpoints_whichever_was_asked_for_first(AdsVariant variant)
    {
        foreach (var order in (string[][])[[Cluster, Endpoints], [Endpoints, Cluster]])
        {
            var client = ModelClient.Connect(variant, All(Cluster, "1", "a", "b"), All(Endpoints, "1", "a", "b"));
            client.SubscribeToAll(Cluster);
            client.Subscribe(Endpoints, "a", "b");
            client.ReadAll();

            client.Reconnect([All(Cluster, "1", "b"), Upsert(Cluster, "2", "a"), All(Endpoints, "1", "a", "b")], order);
            var read = client.ReadAll().ToList();
            var cluster = read.FindIndex(response => response.Type == Cluster);
            Assert.Contains(read.Skip(cluster), response => response.Type == Endpoints && response.Resources.Any(r => r.Name == "a"));
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_type_that_is_not_served_is_answered_as_empty(AdsVariant variant)
    {
        const string Runtime = "type.googleapis.com/envoy.service.runtime.v3.Runtime";
        var client = ModelClient.Connect(variant);
        client.Subscribe(Runtime, "layer");

        var read = client.ReadAll();
        if (variant == AdsVariant.Delta)
            Assert.Equal(["layer"], Assert.Single(read).Removed);
        else
            Assert.Empty(read);
    }

    [Fact]
    public void Sotw_a_request_with_a_stale_nonce_is_ignored()
    {
        var session = new AdsSession(AdsVariant.StateOfTheWorld);
        session.Set([All(Endpoints, "1", "a", "b")]);
        session.Receive(Request("", "a"));
        Assert.True(session.TrySend(out var first));
        session.Receive(Request(first.Nonce, "a"));
        session.Set([Upsert(Endpoints, "2", "a")]);
        Assert.True(session.TrySend(out var second));

        Assert.Empty(session.Receive(Request(first.Nonce, "a", "b")));
        Assert.False(session.TrySend(out _));
        Assert.Equal(2, session.Receive(Request(second.Nonce, "a", "b")).Count);
        Assert.True(session.TrySend(out var third));
        Assert.Equal(["b"], third.Resources.Select(r => r.Name));

        static DiscoveryRequest Request(string nonce, params string[] names) =>
            new() { TypeUrl = Endpoints, ResponseNonce = nonce, ResourceNames = { names } };
    }

    [Fact]
    public void Delta_a_stale_nonce_is_no_answer_but_its_subscription_counts()
    {
        var session = new AdsSession(AdsVariant.Delta);
        session.Set([All(Endpoints, "1", "a", "b")]);
        session.Receive(new DeltaDiscoveryRequest { TypeUrl = Endpoints, ResourceNamesSubscribe = { "a" } });
        Assert.True(session.TrySend(out var first));

        var events = session.Receive(new DeltaDiscoveryRequest { TypeUrl = Endpoints, ResponseNonce = "of-yore", ResourceNamesSubscribe = { "b" } });
        Assert.IsType<AdsEvent.SubscriptionChanged>(Assert.Single(events));
        Assert.False(session.TrySend(out _));
        session.Receive(new DeltaDiscoveryRequest { TypeUrl = Endpoints, ResponseNonce = first.Nonce });
        Assert.True(session.TrySend(out var second));
        Assert.Equal(["b"], second.Resources.Select(r => r.Name));
    }

    [Fact]
    public void Sotw_the_version_of_a_set_depends_on_its_names_and_versions_alone()
    {
        string Version(params TypeChange[] content)
        {
            var client = ModelClient.Connect(AdsVariant.StateOfTheWorld, content);
            client.SubscribeToAll(Cluster);
            return client.ReadAll()[^1].Version;
        }

        var version = Version(All(Cluster, "1", "a", "b"));
        Assert.Equal(version, Version(All(Cluster, "0", "b"), Upsert(Cluster, "1", "b", "a")));
        Assert.NotEqual(version, Version(All(Cluster, "1", "a", "b", "c")));
        Assert.NotEqual(version, Version(All(Cluster, "1", "a"), Upsert(Cluster, "2", "b")));
        Assert.NotEqual(Version(All(Cluster, "1", "ab")), Version(All(Cluster, "b1", "a")));
    }

    [Fact]
    public void Sotw_the_legacy_wildcard_ends_with_the_first_name()
    {
        var session = new AdsSession(AdsVariant.StateOfTheWorld);
        session.Set([All(Cluster, "1", "A", "B")]);
        Assert.Equal("A B", Exchange());
        Assert.Equal("A B", Exchange("*", "A"));
        Assert.Null(Exchange("A"));
        session.Set([Upsert(Cluster, "2", "B")]);
        Assert.False(session.TrySend(out _));
        Assert.Null(Exchange());
        session.Set([Upsert(Cluster, "2", "A")]);
        Assert.False(session.TrySend(out _));

        string? Exchange(params string[] names)
        {
            session.Receive(new DiscoveryRequest { TypeUrl = Cluster, ResponseNonce = _nonce, ResourceNames = { names } });
            if (!session.TrySend(out var response))
                return null;
            _nonce = response.Nonce;
            session.Receive(new DiscoveryRequest { TypeUrl = Cluster, ResponseNonce = _nonce, ResourceNames = { names } });
            return string.Join(' ', response.Resources.Select(r => r.Name));
        }
    }

    [Fact]
    public void Delta_the_legacy_wildcard_goes_on_beside_names_until_it_is_given_up()
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(Cluster, "1", "A", "B"));
        client.SubscribeToAll(Cluster);
        client.ReadAll();
        client.Subscribe(Cluster, "A");
        client.ReadAll();
        client.Set(Upsert(Cluster, "2", "B"));
        client.ReadAll();
        Assert.Equal("A1 B2", client.Has(Cluster));

        client.Unsubscribe(Cluster, "*");
        client.Set(Upsert(Cluster, "3", "A", "B"));
        client.ReadAll();
        Assert.Equal("A3", client.Has(Cluster));
        client.Unsubscribe(Cluster, "A");
        client.Set(Upsert(Cluster, "4", "A", "B"));
        Assert.Empty(client.ReadAll());
    }

    [Fact]
    public void Requests_that_break_the_protocol_or_a_limit_change_nothing()
    {
        var session = new AdsSession(AdsVariant.Delta);
        Assert.IsType<AdsEvent.ProtocolError>(Assert.Single(session.Receive(new DeltaDiscoveryRequest())));

        var tooMany = new DeltaDiscoveryRequest { TypeUrl = Cluster };
        tooMany.ResourceNamesSubscribe.AddRange(Enumerable.Range(0, AdsSession.MaxNames + 1).Select(n => $"{n}"));
        Assert.IsType<AdsEvent.ProtocolError>(Assert.Single(session.Receive(tooMany)));

        var errors = Enumerable.Range(0, AdsSession.MaxTypes)
            .SelectMany(n => session.Receive(new DeltaDiscoveryRequest { TypeUrl = $"type-{n}" }))
            .OfType<AdsEvent.ProtocolError>();
        Assert.Equal(XdsType.InOrderOfAddition.Count, errors.Count());
    }

    [Theory, MemberData(nameof(Variants))]
    public void Resources_travel_as_the_bytes_that_were_given(AdsVariant variant)
    {
        var resource = Of(Cluster, "a", "1");
        var client = ModelClient.Connect(variant, new TypeChange(Cluster, Complete: true) { Upserted = [resource] });
        client.SubscribeToAll(Cluster);

        var response = Assert.Single(client.Inbox);
        Assert.Contains(response.Segments, segment => segment.Equals(resource.Body));
        client.ReadAll();
        Assert.Equal("a1", client.Has(Cluster));
    }

    private string _nonce = "";
}
