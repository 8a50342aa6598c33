using OrleansMesh.EndToEnd.Tests.Harness;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.EndToEnd.Tests;

/// <summary>What <c>meshctl log</c> takes out of one server is the same in another: all of it, its secrets among it, whatever either stores it in.</summary>
[Trait("Category", "Slow")]
public sealed class MovedLogTests : IAsyncLifetime
{
    private static readonly string[] Shown = ["/meshes", "/traffic-permissions", "/dataplanes", "/meshes/default/secrets/sesame", "/meshes/default/traffic-permissions/web-to-backend/_history"];

    private readonly PostgresServer _database = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansmesh-moved-").FullName;

    public Task InitializeAsync() => _database.InitializeAsync();

    public async Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        await _database.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_log_goes_from_sqlite_to_postgresql_and_back_and_every_server_shows_the_same()
    {
        PostgresServer.Require();
        await using var first = await FilledAsync();
        var shown = await ShownAsync(first);
        Assert.Contains("c2VjcmV0", shown, StringComparison.Ordinal);

        await Meshctl.RunAsync(first, "log", "export", In("first"));
        await Meshctl.RunAsync(first, "log", "verify", In("first"));
        var database = await _database.CreateDatabaseAsync();
        await Meshctl.RunAsync(first, "log", "import", In("first"), "--store", $"{database}");
        await using var second = await BesideAsync(first, "--store", $"{database}");
        Assert.Equal(shown, await ShownAsync(second));
        Assert.Contains("every event is as it was written", await Meshctl.RunAsync(second, "log", "verify", "--store", $"{database}"), StringComparison.Ordinal);

        await second.ApplyAsync(Resources.PermissionPath("later"), Resources.Permission("later", "a", "b"));
        await Meshctl.RunAsync(second, "log", "export", In("second"));
        await using var third = ServerProcess.NotStarted();
        await Meshctl.RunAsync(second, "log", "import", In("second"), "--store", third.Data);
        TakeKey(first, third);
        await third.RestartAsync();
        Assert.Equal(await ShownAsync(second), await ShownAsync(third));
        Assert.NotEqual(shown, await ShownAsync(third));
    }

    [Fact]
    public async Task A_server_starts_on_the_backup_of_one_that_goes_on()
    {
        await using var first = await FilledAsync();
        await using var second = ServerProcess.NotStarted();
        await Meshctl.RunAsync(first, "log", "backup", second.Data, "--store", first.Data);
        var shown = await ShownAsync(first);
        await first.ApplyAsync(Resources.PermissionPath("later"), Resources.Permission("later", "a", "b"));
        TakeKey(first, second);
        await second.RestartAsync();
        Assert.Equal(shown, await ShownAsync(second));
    }

    [SkippableFact]
    public async Task A_file_that_was_altered_is_refused_and_leaves_the_database_as_it_was()
    {
        PostgresServer.Require();
        await using var server = await FilledAsync();
        await Meshctl.RunAsync(server, "log", "export", In("whole"));
        var text = await File.ReadAllTextAsync(In("whole"));
        Assert.Contains("web-to-backend", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(In("altered"), text.Replace("\"web\"", "\"eve\"", StringComparison.Ordinal));
        Assert.NotEqual(text, await File.ReadAllTextAsync(In("altered")));
        var database = await _database.CreateDatabaseAsync();

        var (code, output) = await Meshctl.TryAsync(server, "log", "import", In("altered"), "--store", $"{database}");

        Assert.Equal(1, code);
        Assert.Contains("line ", output, StringComparison.Ordinal);
        Assert.Equal(["0"], await _database.ExecuteAsync(database.Database, "SELECT count(*)::text FROM orleansmesh.events"));
        Assert.Equal(["0"], await _database.ExecuteAsync(database.Database, "SELECT count(*)::text FROM orleansmesh.data_keys"));
        await Meshctl.RunAsync(server, "log", "import", In("whole"), "--store", $"{database}");
    }

    private string In(string name) => Path.Combine(_folder, name);

    private static async Task<ServerProcess> FilledAsync()
    {
        var server = await ServerProcess.StartAsync();
        await server.ApplyAsync("/meshes/default", Resources.MeshWithMtls("default"));
        await server.ApplyAsync("/meshes/other", Resources.MeshWithMtls("other"));
        await server.ApplyAsync(Resources.PermissionPath("web-to-backend"), Resources.Permission("web-to-backend", "web", "backend"));
        await server.ApplyAsync(
            "/meshes/default/dataplanes/backend-1",
            """{"type":"Dataplane","mesh":"default","name":"backend-1","networking":{"address":"127.0.0.1","inbound":[{"port":10000,"tags":{"kuma.io/service":"backend"}}]}}""");
        await server.ApplyAsync("/meshes/default/secrets/sesame", """{"type":"Secret","mesh":"default","name":"sesame","data":"c2VjcmV0"}""");
        return server;
    }

    private static async Task<ServerProcess> BesideAsync(ServerProcess first, params string[] flags)
    {
        var server = ServerProcess.NotStarted();
        server.Flags = flags;
        TakeKey(first, server);
        await server.RestartAsync();
        return server;
    }

    /// <summary>As an operator carries it over: it is in no export and no backup.</summary>
    private static void TakeKey(ServerProcess from, ServerProcess to)
    {
        Assert.False(File.Exists(Path.Combine(to.Data, "key-encryption.key")));
        File.Copy(Path.Combine(from.Data, "key-encryption.key"), Path.Combine(to.Data, "key-encryption.key"));
    }

    private static async Task<string> ShownAsync(ServerProcess server)
    {
        var shown = new List<string>();
        foreach (var path in Shown)
            shown.Add($"{path} {await server.GetAsync(path)}");
        return string.Join('\n', shown);
    }
}
