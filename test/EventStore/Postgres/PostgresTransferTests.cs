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
