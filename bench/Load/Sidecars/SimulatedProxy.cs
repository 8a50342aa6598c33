using System.Text.Json.Nodes;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace OrleansMesh.Load.Sidecars;

/// <summary>One replica of a service, and what it calls.</summary>
/// <param name="Name">The Dataplane's name.</param>
/// <param name="Address">Its own IPv4 address, which nobody else has.</param>
/// <param name="Outbounds">The services that it calls and the local port of each.</param>
internal sealed record SimulatedProxy(string Mesh, string Name, string Service, string Address, IReadOnlyList<(string Service, int Port)> Outbounds)
{
    /// <summary>Where every workload serves.</summary>
    public const int InboundPort = 8080;

    private const string Loopback = "127.0.0.1";

    public string Endpoint => $"{Address}:{InboundPort}";

    /// <summary>Every address at which the sidecar must listen.</summary>
    public IReadOnlySet<string> Listeners => Outbounds.Select(o => ListenerOf(o.Port)).Append(Endpoint).ToHashSet(StringComparer.Ordinal);

    public static string ListenerOf(int outboundPort) => $"{Loopback}:{outboundPort}";

    /// <summary>The Dataplane in universal form.</summary>
    public string Dataplane => new JsonObject
    {
        ["type"] = "Dataplane",
        ["mesh"] = Mesh,
        ["name"] = Name,
        ["networking"] = new JsonObject
        {
            ["address"] = Address,
            ["inbound"] = new JsonArray(new JsonObject
            {
                ["port"] = InboundPort,
                ["servicePort"] = 80,
                ["tags"] = new JsonObject { ["kuma.io/service"] = Service, ["kuma.io/protocol"] = "http" },
            }),
            ["outbound"] = new JsonArray([.. Outbounds.Select(o => new JsonObject
            {
                ["port"] = o.Port,
                ["tags"] = new JsonObject { ["kuma.io/service"] = o.Service },
            })]),
        },
    }.ToJsonString();

    /// <summary>What the sidecar says of itself, as with Kuma's <c>kuma-dp</c>: <c>{mesh}.{name}</c> and its Dataplane.</summary>
    public byte[] Node() => new Node
    {
        Id = $"{Mesh}.{Name}",
        Cluster = Service,
        UserAgentName = "envoy",
        Metadata = new Struct { Fields = { ["dataplane.resource"] = Value.ForString(Dataplane) } },
    }.ToByteArray();
}
