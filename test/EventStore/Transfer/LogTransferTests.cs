using System.Text;
using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Tests.Sqlite;
using OrleansMesh.EventStore.Transfer;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Transfer;

public sealed class LogTransferTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SqliteEventStoreOptions Source => new() { Directory = _directory.File("source") };

    private SqliteEventStoreOptions Target => new() { Directory = _directory.File("target") };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_imported_log_is_the_exported_one_to_the_last_bit()
    {
        await FillAsync();
        var file = await ExportAsync(Source);
        var content = await ImportAsync(file);

        Assert.Equal(new LogContent(7, 2, 2), content);
        Assert.Equal(await EventsAsync(Source), await EventsAsync(Target));
        const string Chains = "SELECT position || ' ' || hex(data) || ' ' || hex(chain) FROM events ORDER BY position";
        Assert.Equal(
            RawDatabase.Execute(Path.Combine(Source.Directory, "events.db"), Chains), RawDatabase.Execute(Path.Combine(Target.Directory, "events.db"), Chains));
        Assert.Equal(Lines(file)[1..^1], Lines(await ExportAsync(Target))[1..^1]);
    }

    [Fact]
    public async Task Secrets_open_again_by_the_key_encryption_key_alone()
    {
        var secret = await FillAsync();
        await ImportAsync(await ExportAsync(Source));

        await using var store = await SqliteEventStore.OpenAsync(Target);
        using var key = await KeyEncryptionKey.OpenAsync(_directory.File("kek"), store);
        Assert.Equal("the secret"u8.ToArray(), await new SecretVault(key, store).UnsealAsync(secret, "test"));
    }

    [Fact]
    public async Task What_was_cut_off_is_refused_wherever_and_leaves_the_store_empty()
    {
        await FillAsync();
        var file = await ExportAsync(Source);
        for (var length = 0; length < file.Length; length += 37)
            await RefusedAsync(file[..length]);
        await RefusedAsync(file[..^1]);
        Assert.Equal(7, (await ImportAsync(file)).Events);
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_refused()
    {
        await FillAsync();
        var file = await ExportAsync(Source);
        var random = new Random(4711);
        for (var i = 0; i < 200; i++)
        {
            var damaged = file.ToArray();
            damaged[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            await RefusedAsync(damaged);
        }
    }

    [Fact]
    public async Task A_line_that_is_missing_doubled_or_moved_is_refused_and_named()
    {
        await FillAsync();
        var lines = Lines(await ExportAsync(Source));
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.InRange((await RefusedAsync(Bytes([.. lines[..i], .. lines[(i + 1)..]]))).Line, 1, lines.Length);
            Assert.InRange((await RefusedAsync(Bytes([.. lines[..i], lines[i], lines[i], .. lines[(i + 1)..]]))).Line, 2, lines.Length + 1);
        }

        (lines[5], lines[6]) = (lines[6], lines[5]);
        Assert.Equal(6, (await RefusedAsync(Bytes(lines))).Line);
    }

    [Theory]
    [InlineData("user:ada", "user:eve")]
    [InlineData("\"value\":\"3\"", "\"value\":\"4\"")]
    [InlineData("request-1", "request-2")]
    public async Task An_event_that_was_edited_is_named_by_its_position(string text, string other)
    {
        await FillAsync();
        var lines = Lines(await ExportAsync(Source));
        var at = Array.FindIndex(lines, line => line.Contains("\"position\":3,", StringComparison.Ordinal));
        lines[at] = lines[at].Replace(text, other, StringComparison.Ordinal);

        var refusal = await RefusedAsync(Bytes(lines));

        Assert.Equal((3, at + 1), (refusal.Position, refusal.Line));
        Assert.Contains("position 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_later_form_says_so()
    {
        await FillAsync();
        var file = Encoding.UTF8.GetString(await ExportAsync(Source)).Replace("\"orleansmeshLog\":1", "\"orleansmeshLog\":2", StringComparison.Ordinal);

        Assert.Contains("form 2", (await RefusedAsync(Encoding.UTF8.GetBytes(file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_has_something_or_is_in_use_takes_no_import()
    {
        await FillAsync();
        var file = await ExportAsync(Source);
        await ImportAsync(file);
        Assert.Contains("not empty", (await Assert.ThrowsAsync<EventStoreUnavailableException>(() => ImportAsync(file))).Message, StringComparison.Ordinal);
        await using var running = await SqliteEventStore.OpenAsync(Target);
        Assert.Contains("in use", (await Assert.ThrowsAsync<EventStoreUnavailableException>(() => ImportAsync(file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_log_is_a_log()
    {
        await (await SqliteEventStore.OpenAsync(Source)).DisposeAsync();
        Assert.Equal(new LogContent(0, 0, 0), await ImportAsync(await ExportAsync(Source)));
        Assert.Empty(await EventsAsync(Target));
    }

    [Fact]
    public async Task An_export_while_the_log_grows_is_whole_and_passes_on_small_pieces()
    {
        await using var store = await SqliteEventStore.OpenAsync(Source);
        await store.AppendAsync([To("long", 0, [.. Enumerable.Range(1, 5000).Select(i => $"{i}")])]);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var version = 0L; !stop.IsCancellationRequested; version++)
                await store.AppendAsync([To("growing", version, "x")]);
        });

        using var output = new PiecesStream();
        var written = await LogExport.WriteAsync(store, store, output, At);
        await stop.CancelAsync();
        await writing;

        output.Position = 0;
        Assert.Equal(written, (await LogProof.OfExportAsync(output, _ => { })).Content);
        Assert.InRange(written.Events, 5000, await store.HeadAsync());
        Assert.InRange(output.Largest, 1, 256 * 1024);
        Assert.True(output.Length > 4 * output.Largest);
    }

    /// <summary>Five events of ordinary form, two that no server of ours writes, a secret, a destroyed secret.</summary>
    private async Task<SealedSecret> FillAsync()
    {
        await using var store = await SqliteEventStore.OpenAsync(Source);
        using var key = await KeyEncryptionKey.OpenAsync(_directory.File("kek"), store);
        var vault = new SecretVault(key, store);
        var secret = await vault.SealAsync("the secret"u8.ToArray(), "test");
        await vault.SealAsync("another"u8.ToArray(), "test");
        await vault.DestroyAsync((await vault.SealAsync("gone"u8.ToArray(), "test")).KeyId);
        await store.AppendAsync([To("mesh/default", 0, "1", "2", "3"), To("mesh/other", 0, "grüße 𝄞")]);
        await store.AppendAsync([To("mesh/default", 3, "5")]);
        var context = new EventContext("user:grüße \u2028 <&>", DateTimeOffset.MinValue.AddTicks(1));
        await store.AppendAsync(
        [
            new StreamAppend(
                "mesh/other",
                1,
                [new NewEvent("Spaced", "{\n  \"a\" : 1.50,\r\n\t\"b\":\"\\u0000\" }"u8.ToArray(), context), new NewEvent("Bare", " 1e400 "u8.ToArray(), context)]),
        ]);
        return secret;
    }

    private static async Task<byte[]> ExportAsync(SqliteEventStoreOptions options)
    {
        await using var store = await SqliteEventStore.OpenAsync(options);
        using var output = new MemoryStream();
        await LogExport.WriteAsync(store, store, output, At);
        return output.ToArray();
    }

    private async Task<LogContent> ImportAsync(byte[] file)
    {
        using var input = new MemoryStream(file);
        return await new SqliteLogImport(Target).ImportAsync(ExportedLog.ReadAsync(input));
    }

    private async Task<ExportedLogException> RefusedAsync(byte[] file)
    {
        var refusal = await Assert.ThrowsAsync<ExportedLogException>(() => ImportAsync(file));
        Assert.Equal(["0"], RawDatabase.Execute(Path.Combine(Target.Directory, "events.db"), "SELECT cast((SELECT count(*) FROM events) + (SELECT count(*) FROM data_keys) AS text)"));
        Assert.False(File.Exists(Path.Combine(Target.Directory, "events.witness")));
        return refusal;
    }

    private static async Task<List<string>> EventsAsync(SqliteEventStoreOptions options)
    {
        await using var store = await SqliteEventStore.OpenAsync(options);
        return [.. (await store.ReadAllAsync().ListAsync()).Select(e => $"{e.Position} {e.Stream} {e.Version} {e.Type} {Convert.ToHexString(e.Data.Span)} {e.Context} {e.Context.At.Ticks}")];
    }

    private static string[] Lines(byte[] file) => Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static byte[] Bytes(string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    /// <summary>Remembers the largest piece that it was given.</summary>
    private sealed class PiecesStream : MemoryStream
    {
        public int Largest { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Largest = Math.Max(Largest, buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
