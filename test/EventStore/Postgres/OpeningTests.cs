using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansMesh.EventStore.Postgres;
using OrleansMesh.EventStore.Sqlite;
using OrleansMesh.EventStore.Tests.Sqlite;
using static OrleansMesh.EventStore.Tests.TestEvents;

namespace OrleansMesh.EventStore.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class OpeningTests(PostgresServer server)
{
    [SkippableFact]
    public async Task Many_servers_may_open_an_empty_database_at_once()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostgresEventStore.OpenAsync(address)));
        foreach (var store in stores)
            await store.AppendAsync([To("a", await store.HeadAsync(), "x")]);
        Assert.Equal(8, await stores[0].HeadAsync());
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_log_of_a_later_schema_version_is_refused_and_left_alone()
    {
        PostgresServer.Require();
        var address = await OpenedOnceAsync();
        await server.ExecuteAsync(address.Database, "UPDATE orleansmesh.schema_version SET version = 1000");
        Assert.Contains("schema version 1000", await RefusalAsync(address), StringComparison.Ordinal);
        Assert.False((await RefusedAsync(address)).MayPass);
        Assert.Equal(["1000"], await server.ExecuteAsync(address.Database, "SELECT version FROM orleansmesh.schema_version"));
    }

    [SkippableFact]
    public async Task A_database_that_would_garble_text_is_refused()
    {
        PostgresServer.Require();
        Assert.Contains("UTF8", await RefusalAsync(await server.CreateDatabaseAsync("ENCODING 'SQL_ASCII' TEMPLATE template0")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_does_not_answer_and_a_database_that_is_not_there_are_named()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        Assert.Contains($"{address with { Port = 1 }}", await RefusalAsync(address with { Port = 1 }), StringComparison.Ordinal);
        Assert.Contains("\"nowhere\" does not exist", await RefusalAsync(address with { Database = "nowhere" }), StringComparison.Ordinal);
    }

    /// <summary>A server that is started meanwhile waits for what may pass, and ends with what somebody has to put right.</summary>
    [Theory]
    [InlineData("57P03", "the database system is starting up", true)]
    [InlineData("57P01", "terminating connection due to administrator command", true)]
    [InlineData("53300", "sorry, too many clients already", true)]
    [InlineData("28P01", "password authentication failed", false)]
    [InlineData("28000", "no pg_hba.conf entry", false)]
    [InlineData("3D000", "database does not exist", false)]
    [InlineData("42501", "permission denied", false)]
    public async Task What_the_database_says_tells_whether_it_may_pass(string code, string words, bool mayPass)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            // The client's first message, and an ErrorResponse: "E", the length, fields of a letter and a text, and an end.
            using var client = await listener.AcceptTcpClientAsync();
            Assert.True(await client.GetStream().ReadAsync(new byte[1024]) > 0);
            byte[] fields = [.. Encoding.ASCII.GetBytes($"SFATAL\0VFATAL\0C{code}\0M{words}\0"), 0];
            await client.GetStream().WriteAsync((byte[])[(byte)'E', 0, 0, 0, (byte)(fields.Length + 4), .. fields]);
        });

        var refusal = await Assert.ThrowsAsync<EventStoreUnavailableException>(
            () => PostgresEventStore.OpenAsync(new PostgresAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "log", "mesh", PostgresTls.Disable)));

        await answering;
        Assert.Contains($"{words} ({code})", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(mayPass, refusal.MayPass);
    }

    [Fact]
    public async Task A_network_that_fails_may_pass()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new PostgresAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "log", "mesh", PostgresTls.Disable);

        // Nobody answers; somebody hangs up; nobody is there; there is no such name.
        Assert.True((await RefusedAsync(address)).MayPass);
        var hangingUp = Task.Run(async () => (await listener.AcceptTcpClientAsync()).Dispose());
        Assert.True((await RefusedAsync(address)).MayPass);
        await hangingUp;
        listener.Stop();
        Assert.True((await RefusedAsync(address)).MayPass);
        Assert.True((await RefusedAsync(address with { Host = "nowhere.invalid" })).MayPass);
    }

    [SkippableFact]
    public async Task The_password_comes_from_a_file_as_it_is_at_that_moment_and_is_never_repeated()
    {
        PostgresServer.Require();
        using var folder = new TemporaryDirectory();
        var file = folder.File("password");
        var address = (await server.CreateDatabaseAsync()) with { User = "guarded" };
        await server.ExecuteAsync("postgres", $"CREATE ROLE guarded LOGIN PASSWORD 'first'; GRANT CREATE ON DATABASE {address.Database} TO guarded");
        await server.AllowAsync("host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust");

        await File.WriteAllTextAsync(file, "hunter2\n");
        var refusal = await Assert.ThrowsAsync<EventStoreUnavailableException>(() => PostgresEventStore.OpenAsync(address, file));
        Assert.Contains("password authentication failed for user \"guarded\"", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", $"{refusal}", StringComparison.Ordinal);
        Assert.False(refusal.MayPass);
        var missing = await Assert.ThrowsAsync<EventStoreUnavailableException>(() => PostgresEventStore.OpenAsync(address, folder.File("missing")));
        Assert.Contains("missing", missing.Message, StringComparison.Ordinal);
        Assert.False(missing.MayPass);

        await File.WriteAllTextAsync(file, "first\n");
        await using var store = await PostgresEventStore.OpenAsync(address, file);
        await store.AppendAsync([To("a", 0, "1")]);

        await server.ExecuteAsync("postgres", "ALTER ROLE guarded PASSWORD 'second'");
        await File.WriteAllTextAsync(file, "second\n");
        await server.ExecuteAsync("postgres", $"SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = '{address.Database}'");
        await FollowingTests.WaitForAsync(async () =>
        {
            try
            {
                return await store.AppendAsync([To("a", 1, "2")]) is not null;
            }
            catch (EventStoreUnavailableException)
            {
                return false;
            }
        });
    }

    [SkippableFact]
    public async Task A_commit_is_durable_whatever_the_databases_own_setting_says()
    {
        PostgresServer.Require();
        var address = await OpenedOnceAsync();
        await server.ExecuteAsync(
            address.Database,
            $"""
            ALTER DATABASE {address.Database} SET synchronous_commit = off;
            CREATE TABLE seen (setting text);
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
            CREATE TRIGGER note AFTER INSERT ON orleansmesh.events FOR EACH STATEMENT EXECUTE FUNCTION note()
            """);
        await using var store = await PostgresEventStore.OpenAsync(address);
        await store.AppendAsync([To("a", 0, "1")]);
        Assert.Equal(["on"], await server.ExecuteAsync(address.Database, "SELECT setting FROM seen"));
    }

    /// <summary>The chain is a published contract: a log that is copied from one store to the other can be proved.</summary>
    [SkippableFact]
    public async Task The_chain_has_the_same_form_as_SQLites()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        using var folder = new TemporaryDirectory();
        await using (var sqlite = await SqliteEventStore.OpenAsync(new() { Directory = folder.Path }))
        {
            await using var postgres = await PostgresEventStore.OpenAsync(address);
            foreach (var store in new IEventStore[] { sqlite, postgres })
            {
                await store.AppendAsync([To("mesh/default", 0, "one", "two"), To("mesh/other", 0, "grüße")]);
                await store.AppendAsync([To("mesh/other", 1, "𝄞")]);
            }
        }

        Assert.Equal(
            RawDatabase.Execute(folder.File("events.db"), "SELECT lower(hex(chain)) FROM events ORDER BY position"),
            await server.ExecuteAsync(address.Database, "SELECT encode(chain, 'hex') FROM orleansmesh.events ORDER BY position"));
    }

    [SkippableFact]
    public async Task A_destroyed_key_is_in_no_file_of_the_table_any_more_and_its_identity_is_used_up()
    {
        PostgresServer.Require();
        var address = await server.CreateDatabaseAsync();
        await using var store = await PostgresEventStore.OpenAsync(address);
        var secret = Encoding.ASCII.GetBytes("a key that nobody may find again, 60 bytes long in this form");
        await store.Keys.PutAsync(new WrappedDataKey("one", "kek", secret));
        await store.Keys.PutAsync(new WrappedDataKey("two", "kek", "another key that stays, also of 60 bytes in this form, yes.."u8.ToArray()));
        Assert.True(await IsInFileAsync());
        await store.Keys.DestroyAsync("one");
        await store.Keys.DestroyAsync("unknown");
        Assert.False(await IsInFileAsync());
        Assert.Null(await store.Keys.GetAsync("one"));
        Assert.Equal(["two"], await store.Keys.ListAsync().ListAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => store.Keys.PutAsync(new WrappedDataKey("one", "kek", secret)));

        async Task<bool> IsInFileAsync()
        {
            await server.ExecuteAsync("postgres", "CHECKPOINT");
            var file = Assert.Single(await server.ExecuteAsync(address.Database, "SELECT pg_relation_filepath('orleansmesh.data_keys')"));
            return (await File.ReadAllBytesAsync(Path.Combine(server.Data, file))).AsSpan().IndexOf(secret) >= 0;
        }
    }

    private async Task<PostgresAddress> OpenedOnceAsync()
    {
        var address = await server.CreateDatabaseAsync();
        await (await PostgresEventStore.OpenAsync(address)).DisposeAsync();
        return address;
    }

    private static async Task<string> RefusalAsync(PostgresAddress address) => (await RefusedAsync(address)).Message;

    private static Task<EventStoreUnavailableException> RefusedAsync(PostgresAddress address) =>
        Assert.ThrowsAsync<EventStoreUnavailableException>(() => PostgresEventStore.OpenAsync(address));
}
