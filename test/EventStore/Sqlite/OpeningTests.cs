using Microsoft.Extensions.Logging.Abstractions;
using OrleansMesh.EventStore.Sqlite;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Sqlite;

public sealed class OpeningTests : IDisposable
{
    private readonly TemporaryDirectory _parent = new();

    private string Data => _parent.File("data");

    private string Database => Path.Combine(Data, "events.db");

    public void Dispose() => _parent.Dispose();

    [Fact]
    public async Task A_second_opener_is_refused_until_the_first_has_closed()
    {
        var first = await OpenAsync();
        var refusal = await Assert.ThrowsAsync<EventStoreUnavailableException>(OpenAsync);
        Assert.Contains("in use", refusal.Message, StringComparison.Ordinal);
        await first.AppendAsync([To("a", 0, "1")]);
        await first.DisposeAsync();
        await using var second = await OpenAsync();
        Assert.Equal(1, await second.HeadAsync());
    }

    [SkippableFact]
    public async Task Only_the_owner_may_use_the_files()
    {
        Skip.If(OperatingSystem.IsWindows());
        await using var store = await OpenAsync();
        await store.AppendAsync([To("a", 0, "1")]);
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        var files = Directory.GetFiles(Data);
        Assert.Equal(
            ["events.db", "events.db-shm", "events.db-wal", "events.lock", "events.witness"],
            files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in files)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_log_of_a_later_schema_version_is_refused()
    {
        await (await OpenAsync()).DisposeAsync();
        RawDatabase.Execute(Database, "PRAGMA user_version = 2");
        var refusal = await Assert.ThrowsAsync<EventStoreUnavailableException>(OpenAsync);
        Assert.Contains("schema version 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_programs_database_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Data);
        RawDatabase.Execute(Database, "CREATE TABLE theirs (x)");
        var before = File.ReadAllBytes(Database);
        await Assert.ThrowsAsync<EventStoreUnavailableException>(OpenAsync);
        Assert.Equal(before, File.ReadAllBytes(Database));
    }

    [Fact]
    public async Task A_closed_log_is_one_file_that_SQLite_finds_sound()
    {
        await using (var store = await OpenAsync())
            await store.AppendAsync([To("a", 0, "1")]);
        Assert.Equal(0, new FileInfo(Database + "-wal").Length);
        Assert.Equal(["ok"], RawDatabase.Execute(Database, "PRAGMA integrity_check"));
        Assert.Equal(["a"], RawDatabase.Execute(Database, "SELECT stream FROM events"));
    }

    /// <summary>The forms on disk are published contracts: a log written by an earlier build must be readable by a later one.</summary>
    [Fact]
    public async Task The_chain_has_the_form_that_was_published()
    {
        await using (var store = await OpenAsync())
        {
            await store.AppendAsync([To("mesh/default", 0, "one", "two")]);
            await store.AppendAsync([To("mesh/other", 0, "grüße")]);
        }

        Assert.Equal(ExpectedChains(), RawDatabase.Execute(Database, "SELECT lower(hex(chain)) FROM events ORDER BY position"));
        Assert.StartsWith(
            $"orleansmesh-witness 1 00000000000000000003 {ExpectedChains()[2]} ",
            File.ReadAllText(Path.Combine(Data, "events.witness")),
            StringComparison.Ordinal);
    }

    private static List<string> ExpectedChains()
    {
        var previous = new byte[32];
        var chains = new List<string>();
        foreach (var (position, stream, version, value) in new[] { (1L, "mesh/default", 1L, "one"), (2, "mesh/default", 2, "two"), (3, "mesh/other", 1, "grüße") })
        {
            using var bytes = new MemoryStream();
            bytes.Write(previous);
            foreach (var number in new[] { position, version, At.UtcTicks })
                bytes.Write(BitConverter.GetBytes(number).Reverse().ToArray());
            foreach (var text in new[] { stream, "Happened", "user:ada", "request-1", $"{{\"value\":\"{value}\"}}" })
            {
                var encoded = System.Text.Encoding.UTF8.GetBytes(text);
                bytes.Write(BitConverter.GetBytes(encoded.Length).Reverse().ToArray());
                bytes.Write(encoded);
            }

            previous = System.Security.Cryptography.SHA256.HashData(bytes.ToArray());
            chains.Add(Convert.ToHexStringLower(previous));
        }

        return chains;
    }

    private Task<SqliteEventStore> OpenAsync() => SqliteEventStore.OpenAsync(new() { Directory = Data }, NullLogger<SqliteEventStore>.Instance);
}
