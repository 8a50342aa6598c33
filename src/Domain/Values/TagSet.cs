using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMesh.Domain.Values;

/// <summary>Tags and their values: immutable, in ordinal order of the tag, equal by content.</summary>
[JsonConverter(typeof(TagSetJsonConverter))]
public sealed class TagSet : IReadOnlyDictionary<string, string>, IEquatable<TagSet>
{
    /// <summary>The tag that names the service.</summary>
    public const string ServiceTag = "kuma.io/service";

    /// <summary>The tag that names the protocol that an inbound speaks.</summary>
    public const string ProtocolTag = "kuma.io/protocol";

    public static readonly TagSet Empty = new([]);

    // Equal sets that are made in a mesh's life are many: each Dataplane names its destinations, in each place that keeps it. Those that were made not
    // long ago are one object; a set takes the place of another one with the same place.
    private static readonly TagSet?[] Recent = new TagSet?[8192];

    private readonly KeyValuePair<string, string>[] _tags;
    private readonly int _hash;

    private TagSet(KeyValuePair<string, string>[] sorted)
    {
        _tags = sorted;
        var hash = new HashCode();
        foreach (var (tag, value) in sorted)
        {
            hash.Add(tag, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    /// <exception cref="ArgumentException">A tag appears twice.</exception>
    public static TagSet Of(IEnumerable<KeyValuePair<string, string>> tags)
    {
        var sorted = tags.ToArray();
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Key == sorted[i - 1].Key)
                throw new ArgumentException($"tag '{sorted[i].Key}' appears twice", nameof(tags));
        }

        return sorted.Length == 0 && Empty is not null ? Empty : Shared(new TagSet(sorted));
    }

    public static TagSet Of(params (string Tag, string Value)[] tags)
        => Of(tags.Select(t => KeyValuePair.Create(t.Tag, t.Value)));

    public int Count => _tags.Length;

    public IEnumerable<string> Keys => _tags.Select(t => t.Key);

    public IEnumerable<string> Values => _tags.Select(t => t.Value);

    /// <summary>The value of <see cref="ServiceTag"/>, or null.</summary>
    public string? Service => TryGetValue(ServiceTag, out var service) ? service : null;

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (var (tag, v) in _tags)
        {
            if (tag == key)
            {
                value = v;
                return true;
            }
        }

        value = null;
        return false;
    }

    public bool Equals(TagSet? other)
        => other is not null && (ReferenceEquals(this, other) || (_hash == other._hash && _tags.AsSpan().SequenceEqual(other._tags)));

    public override bool Equals(object? obj) => Equals(obj as TagSet);

    public override int GetHashCode() => _hash;

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_tags).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _tags.GetEnumerator();

    private static TagSet Shared(TagSet made)
    {
        ref var place = ref Recent[made._hash & (Recent.Length - 1)];
        var recent = Volatile.Read(ref place);
        if (made.Equals(recent))
            return recent;
        Volatile.Write(ref place, made);
        return made;
    }

    /// <summary><c>tag=value</c> pairs, separated by a comma and a space.</summary>
    public override string ToString() => string.Join(", ", _tags.Select(t => $"{t.Key}={t.Value}"));
}

internal sealed class TagSetJsonConverter : JsonConverter<TagSet>
{
    public override TagSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => TagSet.Of(JsonSerializer.Deserialize<Dictionary<string, string>>(ref reader, options) ?? []);

    public override void Write(Utf8JsonWriter writer, TagSet value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (tag, v) in value)
            writer.WriteString(tag, v);
        writer.WriteEndObject();
    }
}
