using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.OrleansSilo.Serialization;

/// <summary>The domain's JSON for a message to another silo. A secret may be in a message, which is never stored, though not in an event.</summary>
internal static class DomainWireJson
{
    public static readonly JsonSerializerOptions Options = new(DomainJson.Options) { Converters = { new SecretInMessage() } };

    private sealed class SecretInMessage : JsonConverter<SecretData>
    {
        public override SecretData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetBytesFromBase64());

        public override void Write(Utf8JsonWriter writer, SecretData value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value.Bytes);
    }
}
