using System.Text.Json.Nodes;
using OrleansMesh.Domain.Events;

namespace OrleansMesh.Domain.Tests.Events;

/// <summary>
/// Every event that was ever written must load for ever. <c>golden/{type}/{n}.json</c> is never changed or deleted; an event that gets a new field gets
/// a new file beside the old ones.
/// </summary>
public sealed class GoldenEventTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Events", "golden");

    public static TheoryData<string> EventTypes => [.. EventCodec.EventTypes.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void Every_event_type_has_a_golden_file_with_all_its_fields(string type)
    {
        var written = Directory.GetFiles(Path.Combine(Folder, type), "*.json").SelectMany(file => Parse(file).Select(field => field.Key)).ToHashSet();
        var fields = EventCodec.EventTypes[type].GetProperties().Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]);
        Assert.Equal(fields.ToHashSet(), written);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_golden_file_loads_and_nothing_of_it_is_lost(string file)
    {
        var type = Path.GetDirectoryName(file)!;
        var written = Parse(Path.Combine(Folder, file));
        var loaded = EventCodec.Decode(type, File.ReadAllBytes(Path.Combine(Folder, file)));
        var (typeAgain, data) = EventCodec.Encode(loaded);
        Assert.Equal(type, typeAgain);
        AssertContains(JsonNode.Parse(data.Span)!, written, file);
    }

    [Fact]
    public void An_unknown_type_fails_and_names_itself()
    {
        var e = Assert.Throws<UnreadableEventException>(() => EventCodec.Decode("mesh.renamed", "{}"u8));
        Assert.Contains("mesh.renamed", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"mesh":null}""")]
    [InlineData("""{"mesh":{}}""")]
    [InlineData("not JSON")]
    public void What_is_no_event_fails(string json)
        => Assert.Throws<UnreadableEventException>(() => EventCodec.Decode("mesh.created", System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void What_has_no_published_name_is_not_encoded() => Assert.Throws<ArgumentException>(() => EventCodec.Encode("text"));

    [Fact]
    public void A_sealed_secret_prints_no_ciphertext()
        => Assert.DoesNotContain("c2VjcmV0", new SealedSecret("key", "bm9uY2U=", "c2VjcmV0", "dGFn").ToString(), StringComparison.Ordinal);

    /// <summary>The event in a golden file.</summary>
    /// <param name="file">One of <see cref="Files"/>.</param>
    internal static object Load(string file) => EventCodec.Decode(Path.GetDirectoryName(file)!, File.ReadAllBytes(Path.Combine(Folder, file)));

    internal static string Text(string file) => File.ReadAllText(Path.Combine(Folder, file));

    private static JsonObject Parse(string file) => JsonNode.Parse(File.ReadAllText(file))!.AsObject();

    private static void AssertContains(JsonNode? now, JsonNode? written, string path)
    {
        switch (written)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                    AssertContains(Assert.IsType<JsonObject>(now)[name], value, $"{path}.{name}");
                break;
            case JsonArray items:
                var itemsNow = Assert.IsType<JsonArray>(now);
                Assert.Equal(items.Count, itemsNow.Count);
                for (var i = 0; i < items.Count; i++)
                    AssertContains(itemsNow[i], items[i], $"{path}[{i}]");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(now, written), $"{path}: {now} is not {written}");
                break;
        }
    }
}
