using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OrleansMesh.Silo.Tests.Hosting;

/// <summary>The built server as a process of its own.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("orleansmesh-test").FullName;

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Sigterm_stops_it_with_code_0_and_keeps_what_was_acknowledged()
    {
        Skip.If(OperatingSystem.IsWindows(), "there is no SIGTERM");
        using (var server = BuiltServer.Start("--data", _data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0"))
        {
            var port = await ApiPort(server);
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
            using var body = new StringContent(Documents.Mesh("kept"), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            Assert.True((await client.PutAsync("/meshes/kept", body)).IsSuccessStatusCode);

            Assert.Equal(0, await BuiltServer.TerminateAsync(server));
            Assert.False(File.Exists(Path.Combine(_data, "ports.json")));
        }

        using var again = BuiltServer.Start("--data", _data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0");
        try
        {
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{await ApiPort(again)}") };
            Assert.Contains("kept", await client.GetStringAsync("/meshes/kept"), StringComparison.Ordinal);
        }
        finally
        {
            again.Kill();
            await BuiltServer.ExitAsync(again);
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task It_refuses_to_listen_for_everybody_without_authentication_and_exits_with_code_2()
    {
        using var server = BuiltServer.Start("--data", _data, "--api-address", "0.0.0.0", "--api-port", "0");
        var error = await server.StandardError.ReadToEndAsync();
        Assert.Equal(2, await BuiltServer.ExitAsync(server));
        Assert.Contains("api.address", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_data));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_port_that_is_taken_stops_the_start_with_code_1_and_names_it()
    {
        var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        try
        {
            var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
            using var server = BuiltServer.Start("--data", _data, "--api-port", $"{port}", "--dp-server-port", "0", "--diagnostics-port", "0");
            Assert.Equal(
                $"The server cannot start: api.port: expected a free port, but another process listens on 127.0.0.1:{port}",
                await FailureOf(server));
        }
        finally
        {
            taken.Stop();
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task An_address_of_another_machine_stops_the_start_with_code_1_and_names_the_setting()
    {
        // 192.0.2.0/24 is for documentation (RFC 5737): no machine has an address of it.
        using var server = BuiltServer.Start("--data", _data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0", "--dp-server-address", "192.0.2.1");
        Assert.Equal("The server cannot start: dpServer.address: expected an address of this machine, found 192.0.2.1", await FailureOf(server));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_missing_key_file_stops_the_start_with_code_1_and_is_named()
    {
        await UseAKeyAsync(_data);
        var key = Path.Combine(_data, "key-encryption.key");
        File.Delete(key);
        using var server = BuiltServer.Start("--data", _data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0");
        var failure = await FailureOf(server);
        Assert.StartsWith("The server cannot start: ", failure, StringComparison.Ordinal);
        Assert.Contains($"'{key}' is missing", failure, StringComparison.Ordinal);
        Assert.False(File.Exists(key));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Exchanged_key_files_stop_the_starts_of_both_servers_and_neither_is_harmed()
    {
        var folders = new[] { Path.Combine(_data, "one"), Path.Combine(_data, "two") };
        foreach (var folder in folders)
            await UseAKeyAsync(folder);
        Exchange();
        foreach (var folder in folders)
        {
            using var server = BuiltServer.Start("--data", folder, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0");
            var failure = await FailureOf(server);
            Assert.StartsWith("The server cannot start: ", failure, StringComparison.Ordinal);
            Assert.Contains("right key file", failure, StringComparison.Ordinal);
        }

        Exchange();
        foreach (var folder in folders)
            await UseAKeyAsync(folder);

        void Exchange()
        {
            var files = folders.Select(folder => Path.Combine(folder, "key-encryption.key")).ToArray();
            File.Move(files[0], Path.Combine(_data, "aside"));
            File.Move(files[1], files[0]);
            File.Move(Path.Combine(_data, "aside"), files[1]);
        }
    }

    [SkippableTheory]
    [Trait("Category", "Slow")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_start_says_that_whoever_is_on_this_machine_is_admin_until_that_is_switched_off(bool loopbackIsAdmin)
    {
        Skip.If(OperatingSystem.IsWindows(), "there is no SIGTERM");
        string[] off = loopbackIsAdmin ? [] : ["--no-api-loopback-is-admin"];
        using var server = BuiltServer.Start(["--data", _data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0", .. off]);
        var output = server.StandardOutput.ReadToEndAsync();
        var log = server.StandardError.ReadToEndAsync();
        try
        {
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{await ApiPort(server)}") };
            Assert.Equal(loopbackIsAdmin ? 200 : 401, (int)(await client.GetAsync("/meshes")).StatusCode);
        }
        finally
        {
            await BuiltServer.TerminateAsync(server);
        }

        var said = await output + await log;
        Assert.Equal(loopbackIsAdmin, said.Contains("whoever is on this machine is admin", StringComparison.Ordinal));
        Assert.Equal(loopbackIsAdmin, said.Contains("whoever is on this machine may do everything without a token, since api.loopbackIsAdmin is on; --no-api-loopback-is-admin ends that", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    /// <summary>Starts a server in this process that makes a token, with a key that the key-encryption key wraps, and stops it.</summary>
    private static async Task UseAKeyAsync(string data)
    {
        await using var server = await Silo.Hosting.Server.OpenAsync(TestServer.Configuration(data));
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{(await server.StartAsync()).Api}") };
        using var body = new StringContent("""{"mesh":"default"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        Assert.True((await client.PostAsync("/tokens/dataplane", body)).IsSuccessStatusCode);
    }

    /// <summary>The one line with which a server that cannot start ends; its log has no stack of calls.</summary>
    private static async Task<string> FailureOf(Process server)
    {
        var log = server.StandardOutput.ReadToEndAsync();
        var error = await server.StandardError.ReadToEndAsync();
        Assert.Equal(1, await BuiltServer.ExitAsync(server));
        Assert.DoesNotContain("   at ", await log, StringComparison.Ordinal);
        return Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task<int> ApiPort(Process server)
    {
        var file = Path.Combine(_data, "ports.json");
        for (var end = DateTime.UtcNow.AddMinutes(1); !File.Exists(file); await Task.Delay(50))
            Assert.False(server.HasExited || DateTime.UtcNow > end, "the server did not become ready");
        return (int)JsonNode.Parse(await File.ReadAllTextAsync(file))!["api"]!;
    }
}
