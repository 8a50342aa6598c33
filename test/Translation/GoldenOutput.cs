using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMesh.Translation.Tests;

/// <summary>A proxy's Envoy resources as a person reviews them: by type and name, each with its version.</summary>
internal static class GoldenOutput
{
    private static readonly (string Heading, string TypeUrl)[] Types =
    [
        ("listeners", XdsType.Listener), ("routes", XdsType.Route), ("clusters", XdsType.Cluster),
        ("endpoints", XdsType.Endpoints), ("permissions", XdsType.Extension), ("secrets", XdsType.Secret),
    ];

    public static string Of(GoldenCase golden)
    {
        var snapshot = SnapshotTranslation.Translate(golden.View);
        var output = new JsonObject();
        foreach (var (heading, typeUrl) in Types)
        {
            var resources = typeUrl == XdsType.Endpoints ? golden.Endpoints : [.. snapshot.OfType(typeUrl).Values];
            if (resources.Count > 0)
                output[heading] = new JsonObject(resources.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Name, Described(r))));
        }

        return YamlText.Of(JsonSerializer.SerializeToElement(output));
    }

    private static JsonObject Described(EncodedResource resource) => new()
    {
        ["version"] = resource.Version,
        ["resource"] = JsonNode.Parse(EnvoyMessages.Json(EnvoyMessages.Open(resource))),
    };
}
