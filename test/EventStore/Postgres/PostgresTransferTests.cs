using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Tests.Sqlite;
using OrleansMesh.EventStore.Transfer;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresTransferTests(PostgresServer server)
{
    [SkippableFact]
    public async Task A_log_goes_from_SQLite_to_PostgreSQL_and_back_and_is_the_same_to_the_last_bit()
    {
        using var folders = new TemporaryDirectory();
        var address = await server.CreateDatabaseAsync();
        byte[] first, second, third;
        await using (var sqlite = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = folders.File("a") }))
        {
            IDataKeyStore keys = sqlite;
            await keys.PutAsync(new WrappedDataKey("key-1", "kek", new byte[] { 1, 2, 3 }));
            await sqlite.AppendAsync([To("mesh/default", 0, "1", "grüße 𝄞"), To("Z", 0, "3"), To("a", 0, "4")]);
            await sqlite.AppendAsync([new StreamAppend("a", 1, [new NewEvent("Spaced", " {\n}"u8.ToArray(), new EventContext("system", DateTimeOffset.MaxValue))])]);
            first = await ExportAsync(sqlite, sqlite);
        }

        var taken = await ImportAsync(new PostgresLogImport(address), first);
        await using (var postgres = await PostgresEventStore.OpenAsync(address))
        {
            second = await ExportAsync(postgres, postgres.Keys);
            Assert.Equal(6, (await postgres.AppendAsync([To("Z", 1, "6")])).Position);
        }

        await ImportAsync(new SqliteLogImport(new SqliteEventStoreOptions { Directory = folders.File("b") }), second);
        await using (var sqlite = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = folders.File("b") }))
            third = await ExportAsync(sqlite, sqlite);

        Assert.Equal(new LogContent(5, 1, 3), taken);
        Assert.Equal(first, second);
        Assert.Equal(first, third);
        await Assert.ThrowsAsync<EventStoreUnavailableException>(() => ImportAsync(new PostgresLogImport(address), first));
    }

    [SkippableFact]
    public async Task A_file_that_is_cut_off_leaves_the_database_empty()
    {
        using var folders = new TemporaryDirectory();
        var address = await server.CreateDatabaseAsync();
        byte[] file;
        await using (var sqlite = await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = folders.File("a") }))
        {
            IDataKeyStore keys = sqlite;
            await keys.PutAsync(new WrappedDataKey("key-1", "kek", new byte[] { 1, 2, 3 }));
            await sqlite.AppendAsync([To("a", 0, "1", "2", "3")]);
            file = await ExportAsync(sqlite, sqlite);
        }

        await Assert.ThrowsAsync<ExportedLogException>(() => ImportAsync(new PostgresLogImport(address), file[..^10]));

        Assert.Equal(new LogContent(3, 1, 1), await ImportAsync(new PostgresLogImport(address), file));
    }

    [SkippableFact]
    public async Task A_proof_counts_snapshots_and_names_those_that_are_damaged()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using (var store = await PostgresEventStore.OpenAsync(address))
        {
            for (var i = 0; i < 250; i++)
            {
                await store.AppendAsync([To($"s/{i:000}", 0, "1", "2")]);
                await store.SaveSnapshotAsync(new StreamSnapshot($"s/{i:000}", 2, 1, "{}"u8.ToArray()));
            }
        }

        var whole = await PostgresLogProof.RunAsync(address, null, static _ => { });
        await server.ExecuteAsync(
            address.Database,
            """
            UPDATE orleansmesh.snapshots SET data = '{"x":1}' WHERE stream = 's/007';
            UPDATE orleansmesh.snapshots SET version = 3 WHERE stream = 's/249'
            """);
        var damaged = await PostgresLogProof.RunAsync(address, null, static _ => { });

        Assert.Equal((new LogContent(500, 0, 250), 250, 0), (whole.Content, whole.Snapshots, whole.Warnings.Count));
        Assert.Equal(248, damaged.Snapshots);
        Assert.Equal(
            [
                "the snapshot of stream 's/007', schema 1, is damaged: the stream's events are read instead",
                "the snapshot of stream 's/249', schema 1, is damaged: the stream's events are read instead",
            ],
            damaged.Warnings);
    }

    private static async Task<byte[]> ExportAsync(IEventStore events, IDataKeyStore keys)
    {
        using var output = new MemoryStream();
        await LogExport.WriteAsync(events, keys, output, At);
        return output.ToArray();
    }

    private static async Task<LogContent> ImportAsync(ILogImport import, byte[] file)
    {
        using var input = new MemoryStream(file);
        return await import.ImportAsync(ExportedLog.ReadAsync(input));
    }
}
