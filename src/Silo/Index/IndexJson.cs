using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMesh.Domain.Values;
using Times = System.Collections.Immutable.ImmutableDictionary<(string Type, string Name), OrleansMesh.Silo.Index.ResourceTimes>;

namespace OrleansMesh.Silo.Index;

/// <summary>The index as JSON, as its snapshots hold it.</summary>
internal static class IndexJson
{
    public static readonly JsonSerializerOptions Options = new(DomainJson.Options) { Converters = { new ByNameConverter(), new NamesConverter(), new TimesConverter() } };

    /// <summary>Bytes that a writer holds at most before it writes them to where they go.</summary>
    private const int FlushAbove = 64 * 1024;

    /// <summary>Sorted dictionaries by name: in ordinal order again when they are read, whatever the culture.</summary>
    private sealed class ByNameConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert)
            => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(ImmutableSortedDictionary<,>)
                && typeToConvert.GetGenericArguments()[0] == typeof(string);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
            => (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert.GetGenericArguments()[1]))!;

        private sealed class Of<T> : JsonConverter<ImmutableSortedDictionary<string, T>>
        {
            public override ImmutableSortedDictionary<string, T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
                => JsonSerializer.Deserialize<Dictionary<string, T>>(ref reader, options)?.ToImmutableSortedDictionary(StringComparer.Ordinal)
                    ?? throw new JsonException("expected an object");

            public override void Write(Utf8JsonWriter writer, ImmutableSortedDictionary<string, T> value, JsonSerializerOptions options)
            {
                writer.WriteStartObject();
                foreach (var (name, item) in value)
                {
                    writer.WritePropertyName(name);
                    JsonSerializer.Serialize(writer, item, options);
                    if (writer.BytesPending > FlushAbove)
                        writer.Flush();
                }

                writer.WriteEndObject();
            }
        }
    }

    private sealed class TimesConverter : JsonConverter<Times>
    {
        public override Times Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => JsonSerializer.Deserialize<Item[]>(ref reader, options)?.ToImmutableDictionary(item => (item.Type, item.Name), item => item.Times)
                ?? throw new JsonException("expected an array");

        public override void Write(Utf8JsonWriter writer, Times value, JsonSerializerOptions options)
            => JsonSerializer.Serialize(
                writer,
                value.Select(t => new Item(t.Key.Type, t.Key.Name, t.Value)).OrderBy(t => t.Type, StringComparer.Ordinal).ThenBy(t => t.Name, StringComparer.Ordinal),
                options);

        private sealed record Item(string Type, string Name, ResourceTimes Times);
    }

    private sealed class NamesConverter : JsonConverter<ImmutableSortedSet<string>>
    {
        public override ImmutableSortedSet<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => JsonSerializer.Deserialize<string[]>(ref reader, options)?.ToImmutableSortedSet(StringComparer.Ordinal) ?? throw new JsonException("expected an array");

        public override void Write(Utf8JsonWriter writer, ImmutableSortedSet<string> value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (var name in value)
                writer.WriteStringValue(name);
            writer.WriteEndArray();
        }
    }
}
