using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrleansMesh.EventStore.Transfer;

/// <summary>Reads what <see cref="LogExport"/> wrote, and proves it while it reads: order, versions, the chain, counts and the digest.</summary>
/// <remarks>Whoever takes the entries may keep them only when the reading came to its end: a file that was cut off shows at its end.</remarks>
public static class ExportedLog
{
    /// <exception cref="ExportedLogException">It is not as it was written.</exception>
    public static async IAsyncEnumerable<LogEntry> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var reading = new Reading();
        await foreach (var line in ExportedLines.ReadAsync(input, cancellationToken).ConfigureAwait(false))
        {
            if (reading.Take(line) is { } entry)
                yield return entry;
        }

        reading.End();
    }

    private sealed class Reading : IDisposable
    {
        private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

        private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
        private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
        private readonly EventChain _hash = new();
        private readonly byte[] _chain = EventChain.Start.ToArray();
        private long _line;
        private long _expected;
        private long _position;
        private bool _ended;

        /// <returns>Null for the header and the trailer.</returns>
        public LogEntry? Take(ReadOnlyMemory<byte> line)
        {
            _line++;
            if (_ended)
                throw Wrong("nothing is expected after the trailer");
            if (line.Span[^1] != '\n')
                throw Wrong("it ends without a line feed: the file was cut off here");
            try
            {
                using var document = JsonDocument.Parse(line[..^1], Strict);
                var fields = document.RootElement;
                if (fields.ValueKind is not JsonValueKind.Object)
                    throw Wrong("an object is expected");
                if (_line == 1)
                    Header(fields);
                else if (fields.TryGetProperty(LogFormat.Position, out _))
                    return Hashed(line, Event(fields));
                else if (fields.TryGetProperty(LogFormat.DataKey, out _))
                    return Hashed(line, Key(fields));
                else if (fields.TryGetProperty(LogFormat.Digest, out var digest))
                    Trailer(fields, digest);
                else
                    throw Wrong("neither an event nor a data key nor the trailer");
                return Hashed<LogEntry?>(line, null);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
            {
                throw new ExportedLogException(_line, 0, _line == 1 ? "this is no exported log: its header is expected" : $"it cannot be read: {e.Message}", e);
            }
        }

        public void End()
        {
            if (_line == 0)
                throw new ExportedLogException(1, 0, "the file is empty: the header of an exported log is expected");
            if (!_ended)
                throw new ExportedLogException(_line + 1, 0, $"the trailer is missing: the file was cut off after {_position} of {_expected} events");
        }

        public void Dispose() => _digest.Dispose();

        private void Header(JsonElement fields)
        {
            var version = fields.GetProperty(LogFormat.Header).GetInt32();
            if (version is < 1 or > LogFormat.Version)
                throw Wrong($"the file has form {version}, and this program knows forms 1 to {LogFormat.Version}: import it with the version that wrote it, or a later one");
            _expected = fields.GetProperty(LogFormat.Events).GetInt64();
        }

        private KeyEntry Key(JsonElement fields)
        {
            if (_position > 0)
                throw Wrong("data keys are expected before the first event");
            var id = Text(fields, LogFormat.DataKey);
            if (!_keys.Add(id))
                throw Wrong($"data key '{id}' is there already");
            return new KeyEntry(new WrappedDataKey(id, Text(fields, LogFormat.KekId), fields.GetProperty(LogFormat.Wrapped).GetBytesFromBase64()));
        }

        private EventEntry Event(JsonElement fields)
        {
            var position = fields.GetProperty(LogFormat.Position).GetInt64();
            if (position != _position + 1)
                throw Wrong($"position {_position + 1} is expected, it is {position}");
            var data = fields.TryGetProperty(LogFormat.DataBase64, out var encoded)
                ? encoded.GetBytesFromBase64()
                : JsonMarshal.GetRawUtf8Value(fields.GetProperty(LogFormat.Data)).ToArray();
            var at = DateTimeOffset.ParseExact(
                Text(fields, LogFormat.At), LogFormat.InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            var recorded = new RecordedEvent(
                position,
                Text(fields, LogFormat.Stream),
                fields.GetProperty(LogFormat.StreamVersion).GetInt64(),
                Text(fields, LogFormat.Type),
                data,
                new EventContext(Text(fields, LogFormat.Actor), at, Text(fields, LogFormat.Cause)));
            var version = _versions.GetValueOrDefault(recorded.Stream) + 1;
            if (recorded.Version != version)
                throw Wrong($"version {version} of stream '{recorded.Stream}' is expected, it is {recorded.Version}", position);
            var added = new NewEvent(recorded.Type, recorded.Data, recorded.Context);
            _hash.Link(_chain, position, recorded.Stream, version, added, _chain);
            if (!Convert.FromHexString(Text(fields, LogFormat.Chain)).AsSpan().SequenceEqual(_chain))
                throw Wrong("the event is not the one that was exported, or does not follow the one before it", position);
            AppendValidation.Check([new StreamAppend(recorded.Stream, version - 1, [added])]);
            _versions[recorded.Stream] = version;
            _position = position;
            return new EventEntry(recorded);
        }

        private void Trailer(JsonElement fields, JsonElement digest)
        {
            var (events, keys) = (fields.GetProperty(LogFormat.Events).GetInt64(), fields.GetProperty(LogFormat.DataKeys).GetInt64());
            if ((events, keys) != (_position, _keys.Count) || events != _expected)
                throw Wrong($"the trailer counts {events} events and {keys} data keys, the header {_expected} events, and there are {_position} and {_keys.Count}");
            if (!string.Equals(digest.GetString(), Convert.ToHexStringLower(_digest.GetCurrentHash()), StringComparison.Ordinal))
                throw Wrong("the digest is not that of the lines before it: one of them was altered");
            _ended = true;
        }

        private T Hashed<T>(ReadOnlyMemory<byte> line, T entry)
        {
            _digest.AppendData(line.Span);
            return entry;
        }

        private static string Text(JsonElement fields, string name)
            => fields.GetProperty(name).GetString() ?? throw new FormatException($"{name}: text is expected, it is null");

        private ExportedLogException Wrong(string what, long position = 0) => new(_line, position, what);
    }
}
