using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMesh.Domain.Values;

/// <summary>
/// A duration as an operator wrote it (<c>1d</c>, <c>10y</c>, <c>24h</c>, <c>1h30m</c>), with its value. It is given back as it was written.
/// </summary>
/// <remarks>Units: y (365 days), w, d, h, m, s, ms, as Kuma's certificate durations.</remarks>
[JsonConverter(typeof(MeshDurationJsonConverter))]
public sealed record MeshDuration(string Text, TimeSpan Value)
{
    public override string ToString() => Text;
}

internal sealed class MeshDurationJsonConverter : JsonConverter<MeshDuration>
{
    public override MeshDuration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => MeshDurationText.TryParse(reader.GetString(), out var duration)
            ? duration
            : throw new JsonException("expected a duration such as 24h, 1d or 10y");

    public override void Write(Utf8JsonWriter writer, MeshDuration value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
