using System.Text;
using OrleansMesh.EventStore.Sqlite;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Sqlite;

/// <summary>A log that is not as it was written is refused, with the position, and its files are left as they are.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Events = 40;

    private readonly TemporaryDirectory _directory = new();

    private string Database => _directory.File("events.db");

    private string Witness => _directory.File("events.witness");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("UPDATE events SET data = replace(data, 'value-7', 'value-0') WHERE position = 7", 7)]
    [InlineData("UPDATE events SET actor = 'user:eve' WHERE position = 9", 9)]
    [InlineData("UPDATE events SET at = at + 1 WHERE position = 40", 40)]
    [InlineData("UPDATE events SET type = 'Other' WHERE position = 1", 1)]
    [InlineData("UPDATE events SET cause = '' WHERE position = 3", 3)]
    [InlineData("UPDATE events SET stream = 'new' WHERE position = 4", 4)]
    [InlineData("UPDATE events SET version = 99 WHERE position = 4", 4)]
    [InlineData("UPDATE events SET chain = zeroblob(32) WHERE position = 5", 5)]
    [InlineData("UPDATE events SET chain = x'00' WHERE position = 5", 5)]
    [InlineData("DELETE FROM events WHERE position = 1", 1)]
    [InlineData("DELETE FROM events WHERE position = 20", 20)]
    [InlineData("DELETE FROM events WHERE position = 40", 40)]
    [InlineData("DELETE FROM events WHERE position > 30", 31)]
    [InlineData("DELETE FROM events", 1)]
    [InlineData("UPDATE events SET position = -1 WHERE position = 11; UPDATE events SET position = 11 WHERE position = 12; UPDATE events SET position = 12 WHERE position = -1", 11)]
    [InlineData("INSERT INTO events SELECT 41, stream, 99, type, actor, at, cause, data, chain FROM events WHERE position = 40", 41)]
    public async Task Rows_changed_by_another_hand_are_refused(string sql, long position)
    {
        await WriteAsync();
        RawDatabase.Execute(Database, sql.Replace("replace(data, 'value-7', 'value-0')", "CAST(replace(CAST(data AS TEXT), 'value-7', 'value-0') AS BLOB)", StringComparison.Ordinal));
        var damage = await RefusedAsync();
        Assert.Equal(position, damage.Position);
        Assert.Contains($"position {position}", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_bit_in_an_event_is_refused()
    {
        await WriteAsync();
        var bytes = File.ReadAllBytes(Database);
        bytes[bytes.AsSpan().IndexOf("value-23"u8)] ^= 1;
        File.WriteAllBytes(Database, bytes);
        Assert.Equal(23, (await RefusedAsync()).Position);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task No_flipped_byte_anywhere_in_the_database_changes_what_is_read()
    {
        await WriteAsync();
        var intact = File.ReadAllBytes(Database);
        var witness = File.ReadAllBytes(Witness);
        var expected = await ReadAsync();
        var random = new Random(4711);
        var refused = 0;
        for (var i = 0; i < 400; i++)
        {
            var damaged = intact.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            DeleteLog();
            File.WriteAllBytes(Database, damaged);
            File.WriteAllBytes(Witness, witness);
            try
            {
                Assert.Equal(expected, await ReadAsync());
            }
            catch (Exception exception) when (exception is LogDamagedException or EventStoreUnavailableException)
            {
                refused++;
            }
        }

        Assert.True(refused > 50, $"only {refused} of 400 damaged files were refused");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_write_ahead_log_that_lost_acknowledged_events_is_refused_and_kept()
    {
        using var crashed = new TemporaryDirectory();
        await using (var store = await OpenAsync())
        {
            for (var i = 1; i <= Events; i++)
                await store.AppendAsync([To("a", i - 1, $"value-{i}")]);
            foreach (var name in new[] { "events.db", "events.db-wal", "events.witness" })
                File.Copy(_directory.File(name), crashed.File(name));
        }

        var log = File.ReadAllBytes(crashed.File("events.db-wal"));
        var database = File.ReadAllBytes(crashed.File("events.db"));
        Assert.Equal(Events, await CountAsync(log));
        Assert.Equal(Events, await CountAsync([.. log, .. "a frame that was never finished"u8]));
        var random = new Random(4711);
        var positions = new HashSet<long>();
        for (var i = 0; i < 60; i++)
        {
            var damaged = i % 2 == 0 ? log[..random.Next(log.Length)] : log.ToArray();
            if (i % 2 != 0)
                damaged[random.Next(log.Length - 4096, log.Length)] ^= 0x10;
            var damage = await Assert.ThrowsAsync<LogDamagedException>(() => CountAsync(damaged));
            Assert.InRange(damage.Position, 1, Events);
            Assert.Equal(damaged, File.ReadAllBytes(crashed.File("events.db-wal")));
            Assert.Equal(database, File.ReadAllBytes(crashed.File("events.db")));
            await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync(crashed.Path));
            positions.Add(damage.Position);
        }

        Assert.Contains(Events, positions);
        Assert.True(positions.Count > 5);

        async Task<long> CountAsync(byte[] writeAheadLog)
        {
            File.Delete(crashed.File("events.db-shm"));
            File.WriteAllBytes(crashed.File("events.db"), database);
            File.WriteAllBytes(crashed.File("events.db-wal"), writeAheadLog);
            await using var store = await OpenAsync(crashed.Path);
            return await store.HeadAsync();
        }
    }

    [Fact]
    public async Task An_older_copy_of_the_log_is_refused()
    {
        await WriteAsync();
        var older = File.ReadAllBytes(Database);
        await using (var store = await OpenAsync())
            await store.AppendAsync([To("a", Events, "one more")]);
        File.WriteAllBytes(Database, older);
        Assert.Equal(Events + 1, (await RefusedAsync()).Position);
    }

    [Fact]
    public async Task A_log_that_is_gone_is_refused_and_not_made_anew()
    {
        await WriteAsync();
        File.Delete(Database);
        Assert.Equal(1, (await RefusedAsync()).Position);
        Assert.False(File.Exists(Database));
        File.WriteAllBytes(Database, []);
        Assert.Equal(1, (await RefusedAsync()).Position);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await WriteAsync();
        File.WriteAllBytes(Database, Encoding.ASCII.GetBytes(new string('x', 8192)));
        Assert.Equal(1, (await RefusedAsync()).Position);
    }

    [Fact]
    public async Task A_log_cut_in_the_middle_is_refused()
    {
        await WriteAsync();
        using (var file = new FileStream(Database, FileMode.Open))
            file.SetLength(file.Length / 2 / 4096 * 4096);
        await RefusedAsync();
    }

    [Fact]
    public async Task A_missing_witness_is_refused_until_an_operator_accepts()
    {
        await WriteAsync();
        File.Delete(Witness);
        var refusal = await RefusedAsync();
        Assert.Equal(Events + 1, refusal.Position);
        Assert.Contains(nameof(SqliteEventStoreOptions.AcceptMissingWitness), refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Witness));

        await using (var store = await SqliteEventStore.OpenAsync(new() { Directory = _directory.Path, AcceptMissingWitness = true }))
            Assert.Equal(Events, await store.HeadAsync());
        Assert.Equal(Events, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task A_witness_that_is_not_as_it_was_written_is_refused_even_when_a_missing_one_is_accepted()
    {
        await WriteAsync();
        var intact = File.ReadAllText(Witness);
        foreach (var text in new[] { "", intact[..^1], intact + "x", intact.Replace("00040 ", "00039 ", StringComparison.Ordinal) })
        {
            File.WriteAllText(Witness, text);
            await RefusedAsync();
            await Assert.ThrowsAsync<LogDamagedException>(
                () => SqliteEventStore.OpenAsync(new() { Directory = _directory.Path, AcceptMissingWitness = true }));
        }

        File.WriteAllText(Witness, intact);
        Assert.Equal(Events, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task The_witness_of_another_log_is_refused()
    {
        await WriteAsync();
        using var other = new TemporaryDirectory();
        await using (var store = await OpenAsync(other.Path))
            await store.AppendAsync([To("a", 0, "1", "2", "3")]);
        File.Copy(other.File("events.witness"), Witness, overwrite: true);
        Assert.Equal(3, (await RefusedAsync()).Position);
    }

    [Fact]
    public async Task Damage_that_comes_while_the_log_is_open_is_not_read_over()
    {
        await WriteAsync();
        await using var store = await OpenAsync();
        RawDatabase.Execute(Database, "UPDATE events SET actor = 'user:eve' WHERE position = 9; DELETE FROM events WHERE position = 20");
        Assert.Equal(9, (await Assert.ThrowsAsync<LogDamagedException>(() => store.ReadAllAsync().ListAsync())).Position);
        Assert.Equal(9, (await Assert.ThrowsAsync<LogDamagedException>(() => store.ReadStreamAsync("a").ListAsync())).Position);
        Assert.Equal(20, (await Assert.ThrowsAsync<LogDamagedException>(() => store.ReadAllAsync(19).ListAsync())).Position);
        await Assert.ThrowsAsync<LogDamagedException>(() => store.ReadStreamAsync("a", 19).ListAsync());
    }

    [Fact]
    public async Task An_event_that_its_stream_does_not_lead_to_is_refused()
    {
        await WriteAsync();
        // Makes SQLite take an empty index for the real one: the rows are all there, but not by their stream.
        RawDatabase.Execute(
            Database,
            """
            CREATE TABLE blank (stream TEXT, version INTEGER);
            CREATE UNIQUE INDEX blank_index ON blank (stream, version);
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'blank_index') WHERE name = 'events_by_stream';
            DELETE FROM sqlite_schema WHERE name LIKE 'blank%';
            PRAGMA writable_schema = OFF;
            """);
        Assert.Equal(1, (await RefusedAsync()).Position);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_not_used()
    {
        await using (var store = await OpenAsync())
        {
            await store.AppendAsync([To("a", 0, "1")]);
            await store.SaveSnapshotAsync(new StreamSnapshot("a", 1, 1, "{\"sum\":1}"u8.ToArray()));
            Assert.NotNull(await store.ReadSnapshotAsync("a", 1));
        }

        RawDatabase.Execute(Database, "UPDATE snapshots SET data = CAST('{\"sum\":2}' AS BLOB)");
        await using (var store = await OpenAsync())
            Assert.Null(await store.ReadSnapshotAsync("a", 1));
    }

    private Task<SqliteEventStore> OpenAsync() => OpenAsync(_directory.Path);

    private static Task<SqliteEventStore> OpenAsync(string directory) => SqliteEventStore.OpenAsync(new() { Directory = directory });

    private async Task WriteAsync()
    {
        await using var store = await OpenAsync();
        await store.AppendAsync([To("a", 0, [.. Enumerable.Range(1, Events).Select(i => $"value-{i}")])]);
    }

    private async Task<List<string>> ReadAsync()
    {
        await using var store = await OpenAsync();
        var all = await store.ReadAllAsync().ListAsync();
        var stream = await store.ReadStreamAsync("a").ListAsync();
        Assert.Equal(all.Count, stream.Count);
        return [.. all.Select(e => $"{e.Position} {e.Stream} {e.Version} {e.Type} {Value(e)} {e.Context}")];
    }

    /// <summary>Refused, and again when it is tried again: the first refusal repaired nothing.</summary>
    private async Task<LogDamagedException> RefusedAsync()
    {
        var first = await Assert.ThrowsAsync<LogDamagedException>(OpenAsync);
        var second = await Assert.ThrowsAsync<LogDamagedException>(OpenAsync);
        Assert.Equal(first.Position, second.Position);
        return first;
    }

    private void DeleteLog()
    {
        foreach (var file in Directory.GetFiles(_directory.Path, "events.*"))
            File.Delete(file);
    }
}
