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
/// The first line, in JSON, says what the file is: its form; the build, since what another one folds may differ; the position, and a digest of the event there, by
/// which the log is known again. The second is the index; the third its digest. An index holds no secret but sealed ones, as events do.
/// </remarks>
internal sealed class IndexSnapshot(DataFolder data, ILogger<IndexSnapshot> logger)
{
    public const string FileName = "index.snapshot";

    private const int Form = 2;

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
            var (header, body, digest) = Cut(await File.ReadAllBytesAsync(path, cancellationToken));
            if (header.Form != Form || header.Build != Build)
                return null;
            if (digest != Convert.ToHexStringLower(SHA256.HashData(body.Span)))
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
            data.WritePrivate(FileName, file => Write(file, new Header(Form, Build, state.Position, digest), state));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogWarning(e, "The index could not be kept at position {Position}", state.Position);
        }
    }

    /// <summary>Piece by piece: an index as one piece of text is as long as everything that the server knows.</summary>
    private static void Write(Stream file, Header header, IndexState state)
    {
        file.Write(JsonSerializer.SerializeToUtf8Bytes(header));
        file.WriteByte((byte)'\n');
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
        using (var writer = new Utf8JsonWriter(hashed))
            JsonSerializer.Serialize(writer, state, IndexJson.Options);
        file.Write(Utf8.GetBytes("\n" + Convert.ToHexStringLower(hash.Hash!)));
    }

    private static (Header Header, ReadOnlyMemory<byte> Body, string Digest) Cut(byte[] file)
    {
        var (first, last) = (Array.IndexOf(file, (byte)'\n'), Array.LastIndexOf(file, (byte)'\n'));
        if (first == last)
            throw new JsonException("it has fewer than three lines");
        var header = JsonSerializer.Deserialize<Header>(file.AsSpan(0, first)) ?? throw new JsonException("its first line is null");
        return (header, file.AsMemory(first + 1, last - first - 1), Utf8.GetString(file.AsSpan(last + 1)));
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

    private sealed record Header(int Form, string Build, long Position, string Event);
}
