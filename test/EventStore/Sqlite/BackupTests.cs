using OrleansMesh.EventStore.Secrets;
using OrleansMesh.EventStore.Sqlite;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Sqlite;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SqliteEventStoreOptions Log => new() { Directory = _directory.File("log") };

    private SqliteEventStoreOptions Backup => new() { Directory = _directory.File("backup") };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_backup_made_while_the_server_writes_holds_all_that_was_acknowledged_and_a_server_starts_on_it()
    {
        await using var store = await SqliteEventStore.OpenAsync(Log);
        using var key = await KeyEncryptionKey.OpenAsync(_directory.File("kek"), store);
        var vault = new SecretVault(key, store);
        var secret = await vault.SealAsync("the secret"u8.ToArray(), "test");
        await store.AppendAsync([To("filled", 0, [.. Enumerable.Range(1, 3000).Select(i => $"{i}")])]);
        using var stop = new CancellationTokenSource();
        var acknowledged = 0L;
        var writing = Task.Run(async () =>
        {
            for (var version = 0L; !stop.IsCancellationRequested; version++)
                Volatile.Write(ref acknowledged, (await store.AppendAsync([To("growing", version, $"{version}")])).Position);
        });
        while (Volatile.Read(ref acknowledged) == 0)
            await Task.Yield();

        var before = Volatile.Read(ref acknowledged);
        var report = await SqliteLogBackup.RunAsync(Log, Backup.Directory, e => Value(e));
        await stop.CancelAsync();
        await writing;

        Assert.InRange(report.Content.Events, before, await store.HeadAsync());
        Assert.Equal(report.Content.Events, report.Witnessed);
        Assert.Empty(report.Warnings);
        await using var restored = await SqliteEventStore.OpenAsync(Backup);
        Assert.Equal(report.Content.Events, await restored.HeadAsync());
        Assert.Equal("the secret"u8.ToArray(), await new SecretVault(key, restored).UnsealAsync(secret, "test"));
        await restored.AppendAsync([To("new", 0, "1")]);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Backup.Directory, "events.db")));
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_left_alone_and_a_damaged_log_makes_no_good_backup()
    {
        await using (var store = await SqliteEventStore.OpenAsync(Log))
            await store.AppendAsync([To("a", 0, "1", "2", "3")]);
        Directory.CreateDirectory(_directory.File("full"));
        await File.WriteAllTextAsync(Path.Combine(_directory.File("full"), "theirs"), "x");
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => SqliteLogBackup.RunAsync(Log, _directory.File("full"), _ => { }));
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(_directory.File("full"), "theirs")));

        RawDatabase.Execute(Path.Combine(Log.Directory, "events.db"), "DELETE FROM events WHERE position = 3");
        Assert.Equal(3, (await Assert.ThrowsAsync<LogDamagedException>(() => SqliteLogBackup.RunAsync(Log, Backup.Directory, _ => { }))).Position);
    }

    [Fact]
    public async Task Where_there_is_no_log_there_is_no_backup()
    {
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => SqliteLogBackup.RunAsync(Log, Backup.Directory, _ => { }));
        Assert.False(Directory.Exists(Backup.Directory));
    }
}
