using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace OrleansMesh.Cli.Output;

/// <summary>Writes results for programs.</summary>
internal static class ResultText
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ISerializer Yaml = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).WithIndentedSequences().Build();

    public static void Write(Terminal terminal, OutputFormat format, JsonNode item)
        => terminal.Out.Write(format == OutputFormat.Yaml ? ToYaml(item) : ToJson(item));

    /// <summary>A list: in JSON one object with <c>total</c> and <c>items</c>, in YAML a document for each item, which <c>apply</c> reads again.</summary>
    public static void WriteList(Terminal terminal, OutputFormat format, IReadOnlyList<JsonObject> items)
    {
        if (format == OutputFormat.Json)
        {
            var list = new JsonObject { ["total"] = items.Count, ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]) };
            terminal.Out.Write(ToJson(list));
            return;
        }

        terminal.Out.Write(string.Join("---\n", items.Select(ToYaml)));
    }

    private static string ToJson(JsonNode item) => item.ToJsonString(Json) + "\n";

    private static string ToYaml(JsonNode item) => Yaml.Serialize(Plain(item)!).ReplaceLineEndings("\n");

    private static object? Plain(JsonNode? node)
        => node switch
        {
            JsonObject item => item.ToDictionary(field => field.Key, field => Plain(field.Value)),
            JsonArray list => list.Select(Plain).ToList(),
            JsonValue value => value.GetValueKind() switch
            {
                JsonValueKind.String => value.GetValue<string>(),
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => value.Deserialize<decimal>(),
                _ => null,
            },
            _ => null,
        };
}
