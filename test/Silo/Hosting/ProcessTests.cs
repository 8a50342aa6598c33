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
        using (var server = Start("--data", _data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0"))
        {
            var port = await ApiPort(server);
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
            using var body = new StringContent(Documents.Mesh("kept"), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            Assert.True((await client.PutAsync("/meshes/kept", body)).IsSuccessStatusCode);

            using (var kill = Process.Start("kill", ["-TERM", $"{server.Id}"]))
                await kill.WaitForExitAsync();
            await Exit(server);
            Assert.Equal(0, server.ExitCode);
            Assert.False(File.Exists(Path.Combine(_data, "ports.json")));
        }

        using var again = Start("--data", _data, "--api-port", "0", "--dp-server-port", "0", "--diagnostics-port", "0");
        try
        {
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{await ApiPort(again)}") };
            Assert.Contains("kept", await client.GetStringAsync("/meshes/kept"), StringComparison.Ordinal);
        }
        finally
        {
            again.Kill();
            await Exit(again);
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task It_refuses_to_listen_for_everybody_without_authentication_and_exits_with_code_2()
    {
        using var server = Start("--data", _data, "--api-address", "0.0.0.0", "--api-port", "0");
        var error = await server.StandardError.ReadToEndAsync();
        await Exit(server);

        Assert.Equal(2, server.ExitCode);
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
            using var server = Start("--data", _data, "--api-port", $"{port}", "--dp-server-port", "0", "--diagnostics-port", "0", "--log-level", "none");
            var error = await server.StandardError.ReadToEndAsync();
            await Exit(server);

            Assert.Equal(1, server.ExitCode);
            Assert.Contains($"127.0.0.1:{port}", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
        finally
        {
            taken.Stop();
        }
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Silo.Hosting.Server).Assembly.Location, .. arguments])
        {
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private async Task<int> ApiPort(Process server)
    {
        var file = Path.Combine(_data, "ports.json");
        for (var end = DateTime.UtcNow.AddMinutes(1); !File.Exists(file); await Task.Delay(50))
            Assert.False(server.HasExited || DateTime.UtcNow > end, "the server did not become ready");
        return (int)JsonNode.Parse(await File.ReadAllTextAsync(file))!["api"]!;
    }

    private static Task Exit(Process server) => server.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
}
