using System.Text.Json;
using FsCheck.Xunit;
using OrleansMesh.Domain.Resources;
using OrleansMesh.Domain.Tests.Reading;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Tests.Values;

public class DomainJsonTests
{
    [Fact]
    public void Records_are_written_in_camel_case_without_nulls_and_with_names_for_enumerations()
    {
        var sample = new Sample("+<é>", null, Protocol.Http2, [1, 2], TagSet.Of(("b", "2"), ("a", "1")), new MeshDuration("1d", TimeSpan.FromDays(1)));
        const string Json = """{"text":"+<é>","protocol":"http2","numbers":[1,2],"tags":{"a":"1","b":"2"},"lifetime":"1d"}""";
        Assert.Equal(Json, JsonSerializer.Serialize(sample, DomainJson.Options));
        Assert.Equal(sample, JsonSerializer.Deserialize<Sample>(Json, DomainJson.Options));
    }

    [Property(Arbitrary = [typeof(ResourceGenerators)], MaxTest = 300)]
    public void Every_resource_is_read_back_the_same_and_written_the_same(IResource resource)
    {
        var json = JsonSerializer.Serialize(resource, resource.GetType(), DomainJson.Options);
        var read = JsonSerializer.Deserialize(json, resource.GetType(), DomainJson.Options);
        Assert.Equal(resource, read);
        Assert.Equal(json, JsonSerializer.Serialize(read, resource.GetType(), DomainJson.Options));
    }

    [Theory]
    [InlineData("""{"protocol":"http","numbers":[],"tags":{},"lifetime":"1d"}""", "text")]
    [InlineData("""{"text":null,"protocol":"http","numbers":[],"tags":{},"lifetime":"1d"}""", "text")]
    [InlineData("""{"text":"","numbers":[],"tags":{},"lifetime":"1d"}""", "protocol")]
    [InlineData("""{"text":"","protocol":1,"numbers":[],"tags":{},"lifetime":"1d"}""", "protocol")]
    [InlineData("""{"text":"","protocol":"http","tags":{},"lifetime":"1d"}""", "numbers")]
    [InlineData("""{"text":"","protocol":"http","numbers":[],"tags":{},"lifetime":"soon"}""", "duration")]
    public void A_record_that_lost_a_part_does_not_load(string json, string named)
        => Assert.Contains(named, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Sample>(json, DomainJson.Options)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_record_of_a_newer_version_loads_without_what_is_new()
        => Assert.Equal(new Mesh("m"), JsonSerializer.Deserialize<Mesh>("""{"name":"m","labels":{},"later":{"x":1}}""", DomainJson.Options));

    private sealed record Sample(string Text, string? Optional, Protocol Protocol, ValueList<int> Numbers, TagSet Tags, MeshDuration Lifetime);
}
