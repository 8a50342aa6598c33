using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansMesh.Domain.Events;
using OrleansMesh.EventStore;
using OrleansMesh.Silo.Files;

namespace OrleansMesh.Silo.Index;

/// <summary>
/// Keeps the index as of one position in a file of the data folder, so that a start folds only what follows. It is never more than a saving: a file that
/// is damaged, of another build or of another log is passed over, and the log is folded from its start.
/// </summary>
/// <remarks>
/// One line of JSON says what the file is: its form; the build, since what another one folds may differ; the position, and a digest of the event there, by which
/// the log is known again; the digest of all that follows, the index. An index holds no secret but sealed ones, as events do.
/// </remarks>
internal sealed class IndexSnapshot(DataFolder data, ILogger<IndexSnapshot> logger)
{
    public const string FileName = "index.snapshot";

    private const int Form = 1;

    // Compilation is deterministic, so this changes exactly when the code does that makes the index.
    private static readonly string Build = string.Join(
        '-', new[] { typeof(IndexFold), typeof(EventCodec) }.Select(type => type.Assembly.ManifestModule.ModuleVersionId.ToString("N")));

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The index that was kept; null when there is none for this build and this log.</summary>
    public async Task<IndexState?> FindAsync(IEventStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var path = data.FileNamed(FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            var (header, body) = Cut(await File.ReadAllBytesAsync(path, cancellationToken));
            if (header.Form != Form || header.Build != Build)
                return null;
            if (header.Digest != Convert.ToHexStringLower(SHA256.HashData(body.Span)))
                throw new JsonException("its digest is not that of its content");
            var state = JsonSerializer.Deserialize<IndexState>(body.Span, IndexJson.Options) ?? throw new JsonException("it is null");
            if (state.Position == header.Position && await DigestAtAsync(store, state.Position, cancellationToken) == header.Event)
                return state;
            logger.LogWarning("The index kept in {File} is of another log and is not used; the log is folded from its start", path);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogWarning(e, "The index kept in {File} cannot be used; the log is folded from its start", path);
        }

        return null;
    }

    /// <summary>Keeps the index instead of the one that was kept before. A failure is logged and costs the next start some time.</summary>
    public async Task KeepAsync(IndexState state, IEventStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            if (await DigestAtAsync(store, state.Position, cancellationToken) is not { } digest)
                return;
            var body = JsonSerializer.SerializeToUtf8Bytes(state, IndexJson.Options);
            var header = new Header(Form, Build, state.Position, digest, Convert.ToHexStringLower(SHA256.HashData(body)));
            data.WritePrivate(FileName, JsonSerializer.Serialize(header) + "\n" + Utf8.GetString(body));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogWarning(e, "The index could not be kept at position {Position}", state.Position);
        }
    }

    private static (Header Header, ReadOnlyMemory<byte> Body) Cut(byte[] file)
    {
        var end = Array.IndexOf(file, (byte)'\n');
        if (end < 0)
            throw new JsonException("its first line does not end");
        return (JsonSerializer.Deserialize<Header>(file.AsSpan(0, end)) ?? throw new JsonException("its first line is null"), file.AsMemory(end + 1));
    }

    /// <summary>Names the event at that position; null when there is none.</summary>
    private static async Task<string?> DigestAtAsync(IEventStore store, long position, CancellationToken cancellationToken)
    {
        if (position < 1 || position > await store.HeadAsync(cancellationToken))
            return null;
        await foreach (var recorded in store.ReadAllAsync(position - 1, cancellationToken))
        {
            var place = Utf8.GetBytes(
                FormattableString.Invariant($"{recorded.Position} {recorded.Stream} {recorded.Version} {recorded.Type} {recorded.Context.At.UtcTicks}\n"));
            return Convert.ToHexStringLower(SHA256.HashData([.. place, .. recorded.Data.Span]));
        }

        return null;
    }

    private sealed record Header(int Form, string Build, long Position, string Event, string Digest);
}
