using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Core.V3;
using Google.Protobuf;

namespace OrleansMesh.Translation.Tests;

/// <summary>A real Envoy that serves what its bootstrap says, until it is disposed of.</summary>
internal sealed class RunningEnvoy : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _admin;

    private RunningEnvoy(Process process, DirectoryInfo folder, HttpClient admin) => (_process, _folder, _admin) = (process, folder, admin);

    public static async Task<RunningEnvoy> StartAsync(Bootstrap.Types.StaticResources resources)
    {
        var folder = Directory.CreateTempSubdirectory("envoy-");
        var bootstrap = new Bootstrap
        {
            Node = new Node { Id = "test", Cluster = "test" },
            Admin = new Admin { Address = new Address { SocketAddress = new SocketAddress { Address = "127.0.0.1", PortValue = 0 } } },
            StaticResources = resources,
        };
        var (file, adminFile) = (Path.Combine(folder.FullName, "bootstrap.pb"), Path.Combine(folder.FullName, "admin"));
        await File.WriteAllBytesAsync(file, bootstrap.ToByteArray());
        var process = Process.Start(EnvoyBinary.Path!,
            ["--disable-hot-restart", "--concurrency", "1", "--log-level", "error", "--admin-address-path", adminFile, "-c", file]);
        var admin = new HttpClient();
        var envoy = new RunningEnvoy(process, folder, admin);
        try
        {
            using var tooLate = new CancellationTokenSource(StartTimeout);
            string address;
            while (!(File.Exists(adminFile) && (address = await File.ReadAllTextAsync(adminFile)).Length > 0))
            {
                Assert.False(process.HasExited, "Envoy ended while it started");
                await Task.Delay(20, tooLate.Token);
            }

            admin.BaseAddress = new Uri($"http://{address}");
            while (!await envoy.IsReadyAsync())
                await Task.Delay(20, tooLate.Token);
            return envoy;
        }
        catch
        {
            await envoy.DisposeAsync();
            throw;
        }
    }

    /// <summary>The port that Envoy found for the only listener.</summary>
    public async Task<int> PortAsync()
    {
        var listeners = JsonNode.Parse(await _admin.GetStringAsync(new Uri("/listeners?format=json", UriKind.Relative)))!;
        return listeners["listener_statuses"]!.AsArray().Single()!["local_address"]!["socket_address"]!["port_value"]!.GetValue<int>();
    }

    /// <summary>The counter or gauge of that name.</summary>
    public async Task<long> StatisticAsync(string name)
    {
        var stats = JsonNode.Parse(await _admin.GetStringAsync(new Uri("/stats?format=json", UriKind.Relative)))!;
        return stats["stats"]!.AsArray().Single(s => s!["name"]?.GetValue<string>() == name)!["value"]!.GetValue<long>();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _admin.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _admin.GetAsync(new Uri("/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            return false;
        }
    }
}
