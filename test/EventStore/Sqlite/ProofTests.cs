using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Transfer;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Sqlite;

public sealed class ProofTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SqliteEventStoreOptions Log => new() { Directory = _directory.Path };

    private string Database => _directory.File("events.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_log_is_proved_while_a_server_writes_to_it_and_nothing_is_changed()
    {
        await using var store = await SqliteEventStore.OpenAsync(Log);
        await store.AppendAsync([To("a", 0, "1", "2"), To("b", 0, "3")]);
        await store.SaveSnapshotAsync(new StreamSnapshot("a", 2, 1, "{}"u8.ToArray()));

        var report = await SqliteLogProof.RunAsync(Log, Read);

        Assert.Equal((new LogContent(3, 0, 2), 1L, 3L), (report.Content, report.Snapshots, report.Witnessed));
        Assert.Empty(report.Warnings);
        Assert.Equal(4, (await store.AppendAsync([To("a", 2, "4")])).Position);
    }

    [Theory]
    [InlineData("UPDATE events SET actor = 'user:eve' WHERE position = 4", 4)]
    [InlineData("UPDATE events SET data = CAST('{}' AS BLOB) WHERE position = 7", 7)]
    [InlineData("DELETE FROM events WHERE position = 5", 5)]
    [InlineData("DELETE FROM events WHERE position = 9", 9)]
    public async Task Damage_is_named_by_its_first_position(string sql, long position)
    {
        await FillAsync();
        RawDatabase.Execute(Database, sql);

        Assert.Equal(position, (await Assert.ThrowsAsync<LogDamagedException>(() => SqliteLogProof.RunAsync(Log, Read))).Position);
    }

    [Fact]
    public async Task An_event_that_the_server_could_not_read_is_damage()
    {
        await FillAsync();
        var damage = await Assert.ThrowsAsync<LogDamagedException>(
            () => SqliteLogProof.RunAsync(Log, e => _ = e.Position == 6 ? throw new FormatException("no such type") : 0));
        Assert.Equal(6, damage.Position);
        Assert.Contains("no such type", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_snapshot_and_a_missing_witness_are_warned_of()
    {
        await FillAsync();
        RawDatabase.Execute(Database, "UPDATE snapshots SET data = CAST('{\"x\":1}' AS BLOB)");
        File.Delete(_directory.File("events.witness"));

        var report = await SqliteLogProof.RunAsync(Log, Read);

        Assert.Equal((9L, 0L, (long?)null), (report.Content.Events, report.Snapshots, report.Witnessed));
        Assert.Collection(
            report.Warnings,
            w => Assert.Contains("witness", w, StringComparison.Ordinal),
            w => Assert.Contains("snapshot of stream 'a'", w, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_without_a_log_is_not_made_one()
    {
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => SqliteLogProof.RunAsync(Log, Read));
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    private async Task FillAsync()
    {
        await using var store = await SqliteEventStore.OpenAsync(Log);
        await store.AppendAsync([To("a", 0, [.. Enumerable.Range(1, 9).Select(i => $"{i}")])]);
        await store.SaveSnapshotAsync(new StreamSnapshot("a", 2, 1, "{}"u8.ToArray()));
    }

    private static void Read(RecordedEvent recorded) => Value(recorded);
}
