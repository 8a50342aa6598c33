using System.Diagnostics;
using System.Net;
using OrleansMesh.EventStore;
using OrleansMesh.EventStore.Tests.Postgres;

namespace OrleansMesh.Silo.Tests.Hosting;

/// <summary>The server as a process of its own, started while its database is away.</summary>
[Trait("Category", "Slow")]
public sealed class DatabaseAwayAtStartTests : IAsyncLifetime
{
    private readonly PostgresServer _database = new();
    private readonly string _data = Directory.CreateTempSubdirectory("orleansmesh-test").FullName;

    public Task InitializeAsync() => _database.InitializeAsync();

    public async Task DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        await _database.DisposeAsync();
    }

    [SkippableFact]
    public async Task It_waits_says_what_for_and_starts_when_the_database_is_there()
    {
        PostgresServer.Require();
        var log = await _database.CreateDatabaseAsync();
        await _database.KillAsync();
        var port = PostgresServer.FreePort();
        using var server = Start(log, port);
        var output = server.StandardOutput.ReadToEndAsync();
        using var diagnostics = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        await UntilAsync(server, async () => await ReadinessAsync(diagnostics) == HttpStatusCode.ServiceUnavailable);
        var reason = await (await diagnostics.GetAsync("/ready")).Content.ReadAsStringAsync();
        Assert.StartsWith($"waiting for the event log: the event log at {log} cannot be used now: ", reason, StringComparison.Ordinal);
        Assert.Equal("healthy\n", await diagnostics.GetStringAsync("/healthy"));
        await Task.Delay(TimeSpan.FromSeconds(1));

        await _database.StartAsync();
        await UntilAsync(server, async () => await ReadinessAsync(diagnostics) == HttpStatusCode.OK);
        Assert.Equal(0, await BuiltServer.TerminateAsync(server));
        Assert.Single((await output).Split('\n'), line => line.Contains("The server waits: ", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task It_can_be_stopped_while_it_waits()
    {
        PostgresServer.Require();
        var log = await _database.CreateDatabaseAsync();
        await _database.KillAsync();
        var port = PostgresServer.FreePort();
        using var server = Start(log, port);
        using var diagnostics = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        await UntilAsync(server, async () => await ReadinessAsync(diagnostics) is not null);
        Assert.Equal(0, await BuiltServer.TerminateAsync(server));
    }

    [SkippableFact]
    public async Task It_does_not_wait_for_what_somebody_has_to_change()
    {
        PostgresServer.Require();
        var log = (await _database.CreateDatabaseAsync()) with { User = "guarded" };
        await _database.ExecuteAsync("postgres", "CREATE ROLE guarded LOGIN PASSWORD 'right'");
        await _database.AllowAsync("host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust");
        var password = Path.Combine(_data, "password");
        await File.WriteAllTextAsync(password, "wrong\n");
        using var server = Start(log, PostgresServer.FreePort(), "--store-password-file", password);
        var error = await server.StandardError.ReadToEndAsync();
        Assert.Equal(1, await BuiltServer.ExitAsync(server));
        Assert.Contains("The server cannot start: ", error, StringComparison.Ordinal);
        Assert.Contains("password authentication failed", error, StringComparison.Ordinal);
    }

    private Process Start(PostgresAddress log, int diagnosticsPort, params string[] more) => BuiltServer.Start(
    [
        "--data", _data, "--store", $"{log}", "--api-port", "0", "--api-tls-port", "0", "--dp-server-port", "0", "--diagnostics-port", $"{diagnosticsPort}", .. more,
    ]);

    private static async Task<HttpStatusCode?> ReadinessAsync(HttpClient diagnostics)
    {
        try
        {
            using var answer = await diagnostics.GetAsync("/ready");
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task UntilAsync(Process server, Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow.AddMinutes(1); !await condition(); await Task.Delay(50))
            Assert.False(server.HasExited || DateTime.UtcNow > end, "what was waited for did not come");
    }
}
