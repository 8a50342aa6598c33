using System.Text.Json.Nodes;

namespace OrleansMesh.EndToEnd.Tests.Harness;

/// <summary>A proxy with one inbound at the most, and outbounds to some services.</summary>
internal sealed record SidecarSpec(string Name, string Service, int WorkloadPort, string Protocol = "http", string Mesh = "default")
{
    public int InboundPort { get; } = Ports.Free();

    public int AdminPort { get; } = Ports.Free();

    public IReadOnlyDictionary<string, int> Outbounds { get; private init; } = new Dictionary<string, int>();

    public IReadOnlyDictionary<string, string> MoreTags { get; init; } = new Dictionary<string, string>();

    /// <summary>How many ports Envoy listens on for this proxy, its administration interface left out.</summary>
    public int Listeners => 1 + Outbounds.Count;

    public SidecarSpec Calling(params string[] services) => this with { Outbounds = services.ToDictionary(s => s, _ => Ports.Free()) };

    /// <summary>The Dataplane in universal form.</summary>
    public string Json => new JsonObject
    {
        ["type"] = "Dataplane",
        ["mesh"] = Mesh,
        ["name"] = Name,
        ["networking"] = new JsonObject
        {
            ["address"] = "127.0.0.1",
            ["admin"] = new JsonObject { ["port"] = AdminPort },
            ["inbound"] = new JsonArray(new JsonObject
            {
                ["port"] = InboundPort,
                ["servicePort"] = WorkloadPort,
                ["tags"] = Tags(),
            }),
            ["outbound"] = new JsonArray([.. Outbounds.Select(o => new JsonObject
            {
                ["port"] = o.Value,
                ["tags"] = new JsonObject { ["kuma.io/service"] = o.Key },
            })]),
        },
    }.ToJsonString();

    /// <summary>Where the workload calls a service.</summary>
    public Uri To(string service) => new($"http://127.0.0.1:{Outbounds[service]}");

    private JsonObject Tags()
    {
        var tags = new JsonObject { ["kuma.io/service"] = Service, ["kuma.io/protocol"] = Protocol };
        foreach (var (tag, value) in MoreTags)
            tags[tag] = value;
        return tags;
    }
}
