using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace OrleansMesh.EventStore.Transfer;

/// <summary>
/// Writes a whole log as lines of JSON: a header, the data keys (still wrapped by the key-encryption key, which is not there), every event with its chain
/// value, and a trailer with counts and the digest of all before it. Holds no more than a few events in memory, and may run while the log grows.
/// </summary>
public static class LogExport
{
    private const int FlushBytes = 64 * 1024;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes the log as it is when this begins.</summary>
    /// <exception cref="LogDamagedException">An event is not as it was written. What was written until then has no trailer, and nobody imports it.</exception>
    public static async Task<LogContent> WriteAsync(
        IEventStore events, IDataKeyStore keys, Stream output, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(output);

        // The end first: a key is stored before the event that needs it, so the keys of all events up to here are there.
        var end = await events.HeadAsync(cancellationToken).ConfigureAwait(false);
        using var lines = new Lines(output);
        await lines.AddAsync(
            json =>
            {
                json.WriteNumber(LogFormat.Header, LogFormat.Version);
                json.WriteNumber(LogFormat.Events, end);
                json.WriteString(LogFormat.ExportedAt, LogFormat.Instant(now));
            },
            cancellationToken).ConfigureAwait(false);
        var dataKeys = 0L;
        await foreach (var id in keys.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            // One that was destroyed meanwhile is gone.
            if (await keys.GetAsync(id, cancellationToken).ConfigureAwait(false) is not { } key)
                continue;
            dataKeys++;
            await lines.AddAsync(json => Write(json, key), cancellationToken).ConfigureAwait(false);
        }

        var hash = new EventChain();
        var chain = EventChain.Start.ToArray();
        var streams = 0L;
        if (end > 0)
        {
            await foreach (var recorded in events.ReadAllAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                hash.Link(chain, recorded.Position, recorded.Stream, recorded.Version, new NewEvent(recorded.Type, recorded.Data, recorded.Context), chain);
                await lines.AddAsync(json => Write(json, recorded, chain), cancellationToken).ConfigureAwait(false);
                if (recorded.Version == 1)
                    streams++;
                if (recorded.Position == end)
                    break;
            }
        }

        await lines.EndAsync(
            (json, digest) =>
            {
                json.WriteNumber(LogFormat.Events, end);
                json.WriteNumber(LogFormat.DataKeys, dataKeys);
                json.WriteString(LogFormat.Digest, digest);
            },
            cancellationToken).ConfigureAwait(false);
        return new LogContent(end, dataKeys, streams);
    }

    private static void Write(Utf8JsonWriter json, WrappedDataKey key)
    {
        json.WriteString(LogFormat.DataKey, key.Id);
        json.WriteString(LogFormat.KekId, key.KekId);
        json.WriteBase64String(LogFormat.Wrapped, key.Wrapped.Span);
    }

    private static void Write(Utf8JsonWriter json, RecordedEvent recorded, ReadOnlySpan<byte> chain)
    {
        json.WriteNumber(LogFormat.Position, recorded.Position);
        json.WriteString(LogFormat.Stream, recorded.Stream);
        json.WriteNumber(LogFormat.StreamVersion, recorded.Version);
        json.WriteString(LogFormat.Type, recorded.Type);
        json.WriteString(LogFormat.Actor, recorded.Context.Actor);
        json.WriteString(LogFormat.At, LogFormat.Instant(recorded.Context.At));
        json.WriteString(LogFormat.Cause, recorded.Context.Cause);

        // The chain is over the very bytes, so they are kept as they are; what a line of JSON would not keep, as no event of this server has it, is encoded.
        var data = recorded.Data.Span;
        if (data.ContainsAny("\n\r"u8) || data.Trim(" \t"u8).Length < data.Length || !Utf8.IsValid(data))
        {
            json.WriteBase64String(LogFormat.DataBase64, recorded.Data.Span);
        }
        else
        {
            json.WritePropertyName(LogFormat.Data);
            json.WriteRawValue(recorded.Data.Span, skipInputValidation: true);
        }

        json.WriteString(LogFormat.Chain, Convert.ToHexStringLower(chain));
    }

    /// <summary>Collects lines, hashes them, and passes them on in larger pieces.</summary>
    private sealed class Lines(Stream output) : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushBytes);
        private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public async ValueTask AddAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
        {
            Add(write);
            if (_buffer.WrittenCount >= FlushBytes)
                await FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        public async Task EndAsync(Action<Utf8JsonWriter, string> write, CancellationToken cancellationToken)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            var digest = Convert.ToHexStringLower(_digest.GetCurrentHash());
            Add(json => write(json, digest));
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        public void Dispose() => _digest.Dispose();

        private void Add(Action<Utf8JsonWriter> write)
        {
            using var json = new Utf8JsonWriter(_buffer, Compact);
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
            json.Flush();
            _buffer.Write("\n"u8);
        }

        private async Task FlushAsync(CancellationToken cancellationToken)
        {
            _digest.AppendData(_buffer.WrittenSpan);
            await output.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _buffer.ResetWrittenCount();
        }
    }
}
