using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OrleansMesh.EventStore;

/// <summary>The rules of <see cref="EventStoreLimits"/>. Each refusal names the field and what was expected of it.</summary>
internal static class AppendValidation
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>'!' to '~': ASCII keeps the ordinal order of names the same in every store and collation.</summary>
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(static code => (char)code)]);

    /// <summary>Throws unless every append can be stored. Returns the bytes of JSON in all of them.</summary>
    public static int Check(IReadOnlyList<StreamAppend> appends)
    {
        ArgumentNullException.ThrowIfNull(appends);
        if (appends.Count == 0)
            throw Refused("appends", "at least one append is expected");
        var streams = new HashSet<string>(appends.Count, StringComparer.Ordinal);
        var count = 0L;
        var bytes = 0L;
        for (var i = 0; i < appends.Count; i++)
        {
            var field = $"appends[{i}]";
            var append = appends[i] ?? throw Refused(field, "an append is expected, it is null");
            CheckStreamName(append.Stream, $"{field}.stream");
            if (!streams.Add(append.Stream))
                throw Refused($"{field}.stream", $"'{append.Stream}' is in this append already; each stream is expected once");
            if (append.ExpectedVersion < 0)
                throw Refused($"{field}.expectedVersion", $"0 or more is expected, it is {append.ExpectedVersion}");
            if (append.Events is not { Count: > 0 })
                throw Refused($"{field}.events", "at least one event is expected");
            count += append.Events.Count;
            if (count > EventStoreLimits.AppendEvents)
                throw Refused("appends", $"at most {EventStoreLimits.AppendEvents} events are expected in one append");
            for (var j = 0; j < append.Events.Count; j++)
            {
                CheckEvent(append.Events[j], field, j);
                bytes += append.Events[j].Data.Length;
            }
        }

        if (bytes > EventStoreLimits.AppendDataBytes)
            throw Refused("appends", $"at most {EventStoreLimits.AppendDataBytes} bytes of data are expected in one append, there are {bytes}");
        return (int)bytes;
    }

    public static void CheckSnapshot(StreamSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        CheckStreamName(snapshot.Stream, "snapshot.stream");
        if (snapshot.Version < 1)
            throw Refused("snapshot.version", $"1 or more is expected, it is {snapshot.Version}");
        if (snapshot.Data.Length > EventStoreLimits.SnapshotDataBytes)
            throw Refused("snapshot.data", $"at most {EventStoreLimits.SnapshotDataBytes} bytes are expected, there are {snapshot.Data.Length}");
        CheckJson(snapshot.Data.Span, "snapshot.data");
    }

    public static ArgumentException SnapshotBeyond(StreamSnapshot snapshot, long version) =>
        Refused("snapshot.version", $"at most {version}, the version of stream '{snapshot.Stream}', is expected, it is {snapshot.Version}");

    public static void CheckKey(WrappedDataKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentException.ThrowIfNullOrEmpty(key.Id);
        ArgumentException.ThrowIfNullOrEmpty(key.KekId);
        if (DestroyedKey.Is(key.Wrapped.Span))
            throw Refused("key.wrapped", "a wrapped key is expected, it is empty or zeros");
    }

    public static void CheckReplacement(WrappedDataKey old, WrappedDataKey rewrapped)
    {
        CheckKey(old);
        CheckKey(rewrapped);
        if (old.Id != rewrapped.Id)
            throw Refused("rewrapped.id", $"the identity '{old.Id}' is expected, it is '{rewrapped.Id}'");
    }

    public static ArgumentException UsedKeyId(string id) => Refused("key.id", $"an identity that was never used is expected, '{id}' was");

    public static void CheckStreamName(string? name, string field)
    {
        CheckName(name, EventStoreLimits.StreamNameBytes, field);
        if (name![0] == '/' || name[^1] == '/' || name.Contains("//", StringComparison.Ordinal))
            throw Refused(field, $"segments separated by '/' and none empty are expected, it is '{name}'");
    }

    private static void CheckEvent(NewEvent? added, string append, int index)
    {
        if (added is null)
            throw Refused($"{append}.events[{index}]", "an event is expected, it is null");
        if (!IsName(added.Type, EventStoreLimits.EventTypeBytes))
            CheckName(added.Type, EventStoreLimits.EventTypeBytes, $"{append}.events[{index}].type");
        if (added.Context is null)
            throw Refused($"{append}.events[{index}].context", "a context is expected, it is null");
        CheckText(added.Context.Actor, append, index, "actor");
        if (added.Context.Actor.Length == 0)
            throw Refused($"{append}.events[{index}].context.actor", "text is expected, it is empty");
        CheckText(added.Context.Cause, append, index, "cause");
        if (added.Data.Length > EventStoreLimits.EventDataBytes)
        {
            throw Refused(
                $"{append}.events[{index}].data",
                $"at most {EventStoreLimits.EventDataBytes} bytes are expected, there are {added.Data.Length}");
        }

        CheckJson(added.Data.Span, $"{append}.events[{index}].data");
    }

    private static bool IsName(string? name, int limit) =>
        name is { Length: > 0 } && name.Length <= limit && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    public static void CheckName(string? name, int limit, string field)
    {
        if (string.IsNullOrEmpty(name))
            throw Refused(field, "a name is expected, it is empty");
        if (name.Length > limit)
            throw Refused(field, $"at most {limit} characters are expected, there are {name.Length}");
        if (!IsName(name, limit))
            throw Refused(field, "printable ASCII without spaces is expected");
    }

    private static void CheckText(string? text, string append, int index, string name)
    {
        if (text is null)
            throw Refused($"{append}.events[{index}].context.{name}", "text is expected, it is null");
        int bytes;
        try
        {
            bytes = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw Refused($"{append}.events[{index}].context.{name}", "text is expected, it holds half of a surrogate pair");
        }

        if (bytes > EventStoreLimits.ContextFieldBytes)
        {
            throw Refused(
                $"{append}.events[{index}].context.{name}",
                $"at most {EventStoreLimits.ContextFieldBytes} bytes are expected, there are {bytes}");
        }

        foreach (var character in text)
        {
            if (char.IsControl(character))
                throw Refused($"{append}.events[{index}].context.{name}", "text without control characters is expected");
        }
    }

    /// <summary>What is not JSON could never be replayed, and the log keeps it for ever.</summary>
    private static void CheckJson(ReadOnlySpan<byte> data, string field)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException exception)
        {
            throw new ArgumentException(
                $"{field}: UTF-8 JSON is expected, it is not at byte {exception.BytePositionInLine} of line {exception.LineNumber}");
        }
    }

    private static ArgumentException Refused(string field, string expectation) => new($"{field}: {expectation}");
}
