using System.Text.Json.Nodes;
using OrleansMesh.Domain.History;
using OrleansMesh.Domain.Tests.Events;

namespace OrleansMesh.Domain.Tests.History;

public sealed class EventWordsTests
{
    public static TheoryData<string> Files => GoldenEventTests.Files;

    /// <summary>Every event type has a golden file, so an event type without words fails here.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Every_event_has_words_and_they_hold_no_secret(string file)
    {
        var words = EventWords.Of(GoldenEventTests.Load(file));

        Assert.NotEmpty(words);
        Assert.DoesNotContain("System.", words, StringComparison.Ordinal);
        foreach (var secret in SecretsIn(JsonNode.Parse(GoldenEventTests.Text(file))))
            Assert.DoesNotContain(secret, words, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_event_has_no_words() => Assert.Throws<ArgumentException>(() => EventWords.Of("text"));

    /// <summary>What a sealed secret holds besides the name of its key.</summary>
    internal static IEnumerable<string> SecretsIn(JsonNode? node) => node switch
    {
        JsonObject sealedSecret when sealedSecret.ContainsKey("ciphertext") =>
            sealedSecret.Where(f => f.Key is not "keyId").Select(f => (string?)f.Value ?? "").Where(text => text.Length > 3),
        JsonObject fields => fields.SelectMany(f => SecretsIn(f.Value)),
        JsonArray items => items.SelectMany(SecretsIn),
        _ => [],
    };
}
