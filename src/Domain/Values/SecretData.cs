using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMesh.Domain.Values;

/// <summary>
/// The bytes of a secret. What is printed by chance says how many there are and nothing else; JSON for the log cannot be made of them at all; two are
/// compared in a time that tells nothing of where they differ.
/// </summary>
[JsonConverter(typeof(SecretDataJsonConverter))]
public sealed class SecretData(ReadOnlySpan<byte> bytes) : IEquatable<SecretData>
{
    private readonly byte[] _bytes = bytes.ToArray();

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool Equals(SecretData? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    public override bool Equals(object? obj) => Equals(obj as SecretData);

    public override int GetHashCode() => _bytes.Length;

    public override string ToString() => $"{_bytes.Length} secret bytes";
}

internal sealed class SecretDataJsonConverter : JsonConverter<SecretData>
{
    public override SecretData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw Refusal();

    public override void Write(Utf8JsonWriter writer, SecretData value, JsonSerializerOptions options) => throw Refusal();

    private static NotSupportedException Refusal() => new("a secret is stored sealed, never as it is");
}
