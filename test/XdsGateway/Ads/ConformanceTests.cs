using OrleansMesh.Translation;
using OrleansMesh.XdsGateway.Ads;
using static OrleansMesh.XdsGateway.Tests.Ads.Content;

namespace OrleansMesh.XdsGateway.Tests.Ads;

/// <summary>
/// What the public xDS conformance prototype (github.com/ii/xds-test-harness, features/*.feature) asks of a server: each service, each variant.
/// Every test ends with <see cref="Silent"/>: a server says no more than it must.
/// </summary>
public sealed class ConformanceTests
{
    private static readonly string[] Services = [XdsType.Cluster, XdsType.Listener, XdsType.Route, XdsType.Endpoints];

    private static readonly AdsVariant[] Both = [AdsVariant.Delta, AdsVariant.StateOfTheWorld];

    public static TheoryData<AdsVariant, string> EveryService => Combine(Both, Services);

    public static TheoryData<AdsVariant, string> WildcardServices => Combine(Both, [XdsType.Cluster, XdsType.Listener]);

    public static TheoryData<string> DeltaServices => new(Services);

    public static TheoryData<AdsVariant, string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<AdsVariant, string, string>();
            foreach (var variant in Both)
            {
                pairs.Add(variant, XdsType.Cluster, XdsType.Listener);
                pairs.Add(variant, XdsType.Listener, XdsType.Cluster);
                pairs.Add(variant, XdsType.Route, XdsType.Endpoints);
                pairs.Add(variant, XdsType.Endpoints, XdsType.Route);
            }

            return pairs;
        }
    }

    [Theory, MemberData(nameof(WildcardServices))]
    public void A_wildcard_gets_everything_in_one_response(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C"));
        client.SubscribeToAll(type);

        Assert.Equal(["A1 B1 C1"], client.ReadAll().Select(Carried));
        Silent(client);
    }

    [Theory, MemberData(nameof(WildcardServices))]
    public void A_wildcard_gets_a_change(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C"));
        client.SubscribeToAll(type);
        client.ReadAll();
        client.Set(Upsert(type, "2", "A"));

        Assert.Equal([variant == AdsVariant.Delta ? "A2" : "A2 B1 C1"], client.ReadAll().Select(Carried));
        Assert.Equal("A2 B1 C1", client.Has(type));
        Silent(client);
    }

    [Theory, MemberData(nameof(WildcardServices))]
    public void A_wildcard_gets_what_is_new(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C"));
        client.SubscribeToAll(type);
        client.ReadAll();
        client.Set(Upsert(type, "2", "D"));

        Assert.Equal([variant == AdsVariant.Delta ? "D2" : "A1 B1 C1 D2"], client.ReadAll().Select(Carried));
        Assert.Equal("A1 B1 C1 D2", client.Has(type));
        Silent(client);
    }

    [Theory, MemberData(nameof(EveryService))]
    public void Names_get_what_they_name_and_nothing_else(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C", "D"));
        client.Subscribe(type, "D", "B");

        Assert.Equal(["B1 D1"], client.ReadAll().Select(Carried));
        Silent(client);
    }

    [Theory, MemberData(nameof(EveryService))]
    public void Names_get_a_change_of_what_they_name(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C", "D"));
        client.Subscribe(type, "B", "D");
        client.ReadAll();
        client.Set(Upsert(type, "2", "A", "B"));

        Assert.Equal([SendsWholeSets(variant, type) ? "B2 D1" : "B2"], client.ReadAll().Select(Carried));
        Assert.Equal("B2 D1", client.Has(type));
        Silent(client);
    }

    [Theory, MemberData(nameof(EveryService))]
    public void A_name_that_does_not_exist_is_answered_when_it_does(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B"));
        client.Subscribe(type, "A", "Z");

        Assert.Equal([variant == AdsVariant.Delta ? "A1 -Z" : "A1"], client.ReadAll().Select(Carried));
        client.Set(Upsert(type, "2", "Z"));
        Assert.Equal([SendsWholeSets(variant, type) ? "A1 Z2" : "Z2"], client.ReadAll().Select(Carried));
        Silent(client);
    }

    [Theory, MemberData(nameof(EveryService))]
    public void Names_are_added_one_after_the_other(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C"));
        client.Subscribe(type, "A");
        Assert.Equal(["A1"], client.ReadAll().Select(Carried));
        client.Subscribe(type, "B");

        Assert.Equal([SendsWholeSets(variant, type) ? "A1 B1" : "B1"], client.ReadAll().Select(Carried));
        Silent(client);
    }

    [Theory, MemberData(nameof(EveryService))]
    public void A_name_that_was_given_up_gets_nothing_more(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C", "D"));
        client.Subscribe(type, "A", "B", "C");
        client.ReadAll();
        client.Unsubscribe(type, "B", "C");
        Silent(client);
        client.Set(Upsert(type, "2", "A", "B"));

        Assert.Equal(["A2"], client.ReadAll().Select(Carried));
        Silent(client);
    }

    [Theory, MemberData(nameof(EveryService))]
    public void A_client_that_gave_up_every_name_hears_nothing(AdsVariant variant, string type)
    {
        var client = ModelClient.Connect(variant, All(type, "1", "A", "B", "C", "D"));
        client.Subscribe(type, "A", "B");
        client.ReadAll();
        client.Unsubscribe(type, "A", "B");
        client.Set(Upsert(type, "2", "B"));

        Assert.Empty(client.ReadAll());
        Silent(client);
    }

    [Theory, MemberData(nameof(DeltaServices))]
    public void A_removal_is_told_and_so_is_a_return(string type)
    {
        var client = ModelClient.Connect(AdsVariant.Delta, All(type, "1", "A", "B"));
        client.Subscribe(type, "A", "B");
        client.ReadAll();
        client.Set(Remove(type, "B"));
        Assert.Equal(["-B"], client.ReadAll().Select(Carried));
        client.Set(Upsert(type, "2", "B"));

        Assert.Equal(["B2"], client.ReadAll().Select(Carried));
        Silent(client);
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Two_services_share_a_stream(AdsVariant variant, string one, string other)
    {
        var client = ModelClient.Connect(variant, All(one, "1", "A", "B", "C"), All(other, "1", "A", "B", "C"));
        client.Subscribe(one, "B");
        client.Subscribe(other, "B");
        client.ReadAll();
        Assert.Equal(("B1", "B1"), (client.Has(one), client.Has(other)));

        client.Set(Upsert(one, "2", "B"));
        client.ReadAll();
        Assert.Equal(("B2", "B1"), (client.Has(one), client.Has(other)));
        client.Set(Upsert(other, "2", "B"));
        client.ReadAll();
        Assert.Equal(("B2", "B2"), (client.Has(one), client.Has(other)));
        Silent(client);
        Assert.Equal(client.Read.Count, client.Read.Select(response => response.Nonce).Distinct().Count());
    }

    private static TheoryData<AdsVariant, string> Combine(AdsVariant[] variants, string[] types)
    {
        var data = new TheoryData<AdsVariant, string>();
        foreach (var variant in variants)
        {
            foreach (var type in types)
                data.Add(variant, type);
        }

        return data;
    }

    private static bool SendsWholeSets(AdsVariant variant, string type) =>
        variant == AdsVariant.StateOfTheWorld && type is XdsType.Cluster or XdsType.Listener;

    private static string Carried(AdsResponse response) =>
        string.Join(' ', response.Resources.Select(r => r.Name + r.Version).Concat(response.Removed.Select(name => $"-{name}")));

    private static void Silent(ModelClient client)
    {
        Assert.Empty(client.ReadAll());
        Assert.DoesNotContain(client.Events, e => e is AdsEvent.Rejected or AdsEvent.ProtocolError);
    }
}
