using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.XdsGateway.Bootstrap;

/// <summary>What a proxy's agent posts to <c>/bootstrap</c>. Source: what <c>kuma-dp</c> 2.14 posts; fields that are not here change nothing.</summary>
public sealed record BootstrapRequest
{
    public string Mesh { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary><c>dataplane</c>, or empty for the same.</summary>
    public string ProxyType { get; init; } = "";

    public string DataplaneToken { get; init; } = "";

    /// <summary>The Dataplane, as JSON or YAML; empty when the control plane has it.</summary>
    public string DataplaneResource { get; init; } = "";

    /// <summary>The PEM certificates against which the agent checked this server; empty: the server's own authority.</summary>
    public string CaCert { get; init; } = "";

    /// <summary>Where the agent reaches the servers of the control plane, each as <c>https://host:port</c>; empty: where it posts this. Not one of Kuma's.</summary>
    public IReadOnlyList<string> ControlPlanes { get; init; } = [];

    public AgentVersions Version { get; init; } = new();

    /// <summary>Further metadata of the node.</summary>
    public JsonObject? DynamicMetadata { get; init; }

    public IReadOnlyList<string> Features { get; init; } = [];

    public string Workdir { get; init; } = "";

    public string SystemCaPath { get; init; } = "";

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };
}

/// <summary>What posted the request.</summary>
public sealed record AgentVersions
{
    public JsonObject? KumaDp { get; init; }

    public JsonObject? Envoy { get; init; }
}
