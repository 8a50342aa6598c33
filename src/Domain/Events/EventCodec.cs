using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using OrleansMesh.Domain.Values;

namespace OrleansMesh.Domain.Events;

/// <summary>
/// Events as they are stored: a published type name and UTF-8 JSON. That JSON is a contract: fields are added (with a default, so that
/// older events still load), never renamed; a field that is not known is passed over, so that an older server reads newer events.
/// </summary>
public static class EventCodec
{
    private static readonly FrozenDictionary<string, Type> TypesByName = typeof(EventCodec).Assembly.GetTypes()
        .Select(type => (type, type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.Name))
        .Where(t => t.Name is not null)
        .ToFrozenDictionary(t => t.Name!, t => t.type, StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, string> NamesByType = TypesByName.ToFrozenDictionary(t => t.Value, t => t.Key);

    /// <summary>Every event type by its published name.</summary>
    public static IReadOnlyDictionary<string, Type> EventTypes => TypesByName;

    /// <summary>The published type name and the JSON of an event.</summary>
    /// <exception cref="ArgumentException">It is no event: its type has no published name.</exception>
    public static (string Type, ReadOnlyMemory<byte> Data) Encode(object domainEvent)
    {
        ArgumentNullException.ThrowIfNull(domainEvent);
        var type = domainEvent.GetType();
        return NamesByType.TryGetValue(type, out var name)
            ? (name, JsonSerializer.SerializeToUtf8Bytes(domainEvent, type, DomainJson.Options))
            : throw new ArgumentException($"{type} is not an event: it has no {nameof(EventTypeAttribute)}", nameof(domainEvent));
    }

    /// <summary>The event that was stored.</summary>
    /// <exception cref="UnreadableEventException">The type name is not known, or the JSON is not an event of that type.</exception>
    public static object Decode(string type, ReadOnlySpan<byte> data)
    {
        if (!TypesByName.TryGetValue(type, out var clrType))
            throw new UnreadableEventException($"event type '{type}' is not known to this version of the server");
        try
        {
            return JsonSerializer.Deserialize(data, clrType, DomainJson.Options)
                ?? throw new UnreadableEventException($"event of type '{type}' is null");
        }
        catch (JsonException e)
        {
            throw new UnreadableEventException($"event of type '{type}' cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>A stored event that this version of the server cannot read. It is never skipped.</summary>
public sealed class UnreadableEventException(string message, Exception? inner = null) : Exception(message, inner);
