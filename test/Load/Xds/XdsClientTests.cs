using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using OrleansMesh.Load.Xds;
using static OrleansMesh.Load.Tests.Xds.Discovery;

namespace OrleansMesh.Load.Tests.Xds;

/// <summary>A sidecar asks for what Envoy would ask for, in its order, and knows what it lacks.</summary>
public sealed class XdsClientTests
{
    private readonly List<byte[]> _sent = [];

    [Fact]
    public void It_asks_for_what_resources_refer_to_and_is_complete_when_it_has_all_of_it()
    {
        var client = Client(Variant.Delta);
        client.Connected(_sent.Add);
        Assert.Equal(["Cluster node +"], Requests());

        client.Receive(Delta(ResourceType.Cluster, "1", ("a", Cluster("a")), ("b", Cluster("b"))), _sent.Add);
        Assert.Equal(["Cluster ack 1 +", "Endpoints +a,b", "Secret +identity"], Requests());

        client.Receive(Delta(ResourceType.Endpoints, "2", ("a", Endpoints("a", "10.0.0.1")), ("b", Endpoints("b"))), _sent.Add);
        Assert.Equal(["Endpoints ack 2 +"], Requests());

        // Clusters are ready now, and only now.
        client.Receive(Delta(ResourceType.Secret, "3", ("identity", Secret("identity"))), _sent.Add);
        Assert.Equal(["Secret ack 3 +", "Listener +"], Requests());

        client.Receive(Delta(ResourceType.Listener, "4", ("l", Listener("127.0.0.1", 1, "r"))), _sent.Add);
        Assert.Equal(["Listener ack 4 +", "Extension +permission", "Route +r"], Requests());
        Assert.Equal(["Extension 'permission'", "Route 'r'"], client.Lacking().Order());

        client.Receive(Delta(ResourceType.Extension, "5", ("permission", Extension("permission"))), _sent.Add);
        Assert.False(client.IsComplete);
        client.Receive(Delta(ResourceType.Route, "6", ("r", Route("r", "a"))), _sent.Add);
        Assert.True(client.IsComplete);
        Assert.Equal(["10.0.0.1:80"], client.EndpointsBehind("127.0.0.1:1"));
    }

    [Theory]
    [InlineData("Listener", "a listener at 127.0.0.1:1")]
    [InlineData("Cluster", "Cluster 'a'")]
    [InlineData("Route", "Route 'r'")]
    [InlineData("Extension", "Extension 'permission'")]
    public void What_it_lost_it_lacks(string type, string lacking)
    {
        var client = Complete();
        var lost = ResourceType.All.Single(t => t.Name == type);
        client.Receive(Delta(lost, "9", [.. client.HeldOf(lost).Keys.Select(name => (name, (IMessage?)null))]), _sent.Add);
        Assert.Contains(lacking, client.Lacking());
    }

    [Fact]
    public void A_sidecar_that_comes_back_says_what_it_holds_and_counts_what_is_sent_again()
    {
        var client = Complete();
        Requests();
        client.Connected(_sent.Add);
        Assert.Equal(
            ["Cluster node + holds a=v-1", "Endpoints +a holds a=v-2", "Secret +identity holds identity=v-3", "Extension +permission holds permission=v-5",
                "Listener + holds l=v-4", "Route +r holds r=v-6"],
            Requests());

        client.Receive(Delta(ResourceType.Endpoints, "1", ("a", Endpoints("a", "10.0.0.2"))), _sent.Add);
        Assert.Equal(0, client.Resent);
        client.Receive(Delta(ResourceType.Route, "2", ("r", Route("r", "a"))), _sent.Add);
        Assert.Equal(1, client.Resent);
    }

    [Fact]
    public void In_the_state_of_the_world_what_is_missing_from_a_whole_set_is_gone_and_from_another_is_not()
    {
        var client = Client(Variant.StateOfTheWorld);
        client.Connected(_sent.Add);
        client.Receive(StateOfTheWorld(ResourceType.Cluster, "1", Cluster("a"), Cluster("b")), _sent.Add);
        client.Receive(StateOfTheWorld(ResourceType.Endpoints, "2", Endpoints("a", "10.0.0.1"), Endpoints("b")), _sent.Add);
        client.Receive(StateOfTheWorld(ResourceType.Endpoints, "3", Endpoints("a", "10.0.0.2")), _sent.Add);
        Assert.Equal(["a", "b"], client.HeldOf(ResourceType.Endpoints).Keys.Order());
        Assert.Equal("Endpoints ack 3 v-3 =a,b", Whole(_sent[^1]));

        client.Receive(StateOfTheWorld(ResourceType.Cluster, "4", Cluster("b")), _sent.Add);
        Assert.Equal(["b"], client.HeldOf(ResourceType.Cluster).Keys);
        Assert.Equal(["b"], client.HeldOf(ResourceType.Endpoints).Keys);
        Assert.Equal("Endpoints ack 3 v-3 =b", Whole(_sent[^1]));
    }

    /// <summary>A server that sends what nobody asked for gains nothing by it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_not_asked_for_is_not_held(bool isStateOfTheWorld)
    {
        var client = Client(isStateOfTheWorld ? Variant.StateOfTheWorld : Variant.Delta);
        client.Connected(_sent.Add);
        var early = isStateOfTheWorld
            ? StateOfTheWorld(ResourceType.Endpoints, "1", Endpoints("a", "10.0.0.1"))
            : Delta(ResourceType.Endpoints, "1", ("a", Endpoints("a", "10.0.0.1")));
        client.Receive(early, _sent.Add);
        Assert.Empty(client.HeldOf(ResourceType.Endpoints));
        Assert.Equal(0, client.Resources);
    }

    [Fact]
    public void The_same_bytes_are_decoded_once()
    {
        var bodies = new BodyCatalog();
        foreach (var client in (XdsClient[])[Client(Variant.Delta, bodies), Client(Variant.Delta, bodies)])
        {
            client.Connected(_sent.Add);
            client.Receive(Delta(ResourceType.Cluster, "1", ("a", Cluster("a"))), _sent.Add);
        }

        Assert.Equal(1, bodies.Count);
    }

    private XdsClient Complete()
    {
        var client = Client(Variant.Delta);
        client.Connected(_sent.Add);
        client.Receive(Delta(ResourceType.Cluster, "1", ("a", Cluster("a"))), _sent.Add);
        client.Receive(Delta(ResourceType.Endpoints, "2", ("a", Endpoints("a", "10.0.0.1"))), _sent.Add);
        client.Receive(Delta(ResourceType.Secret, "3", ("identity", Secret("identity"))), _sent.Add);
        client.Receive(Delta(ResourceType.Listener, "4", ("l", Listener("127.0.0.1", 1, "r"))), _sent.Add);
        client.Receive(Delta(ResourceType.Extension, "5", ("permission", Extension("permission"))), _sent.Add);
        client.Receive(Delta(ResourceType.Route, "6", ("r", Route("r", "a"))), _sent.Add);
        Assert.Empty(client.Lacking());
        return client;
    }

    private static XdsClient Client(Variant variant, BodyCatalog? bodies = null)
        => new(variant, new Node { Id = "m.p" }.ToByteArray(), new HashSet<string> { "127.0.0.1:1" }, bodies ?? new BodyCatalog(), (_, _, _) => { });

    /// <summary>The delta requests since the last call, in short.</summary>
    private List<string> Requests()
    {
        var requests = _sent.Select(bytes =>
        {
            var request = DeltaDiscoveryRequest.Parser.ParseFrom(bytes);
            var held = request.InitialResourceVersions.Count == 0 ? "" : " holds " + string.Join(',', request.InitialResourceVersions.Select(v => $"{v.Key}={v.Value}"));
            return $"{Type(request.TypeUrl)}{(request.Node is null ? "" : " node")}{(request.ResponseNonce.Length == 0 ? "" : $" ack {request.ResponseNonce}")}"
                + $" +{string.Join(',', request.ResourceNamesSubscribe)}{held}";
        }).ToList();
        _sent.Clear();
        return requests;
    }

    private static string Whole(byte[] bytes)
    {
        var request = DiscoveryRequest.Parser.ParseFrom(bytes);
        return $"{Type(request.TypeUrl)} ack {request.ResponseNonce} {request.VersionInfo} ={string.Join(',', request.ResourceNames)}";
    }

    private static string Type(string url) => ResourceType.All.Single(t => t.Url == url).Name;
}
