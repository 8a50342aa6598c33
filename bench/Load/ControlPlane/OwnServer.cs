using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;

namespace OrleansMesh.Load.ControlPlane;

/// <summary>The server of this checkout as a process of its own, with a data folder that goes when it goes and ports that nobody uses.</summary>
internal sealed partial class OwnServer : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int LinesKept = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _data = Directory.CreateTempSubdirectory("orleansmesh-load-").FullName;
    private readonly int _diagnosticsPort = FreePort();
    private readonly ConcurrentQueue<string> _lastLines = new();
    private readonly ServerConstraints _constraints;
    private Process _process;

    private OwnServer(ServerConstraints constraints)
    {
        _constraints = constraints;
        _process = Run();
    }

    public int Id => _process.Id;

    public Uri Api { get; } = new($"http://127.0.0.1:{FreePort()}");

    public int DpServerPort { get; } = FreePort();

    /// <summary>What it says of itself, in Prometheus' text format.</summary>
    public Uri Metrics => new($"http://127.0.0.1:{_diagnosticsPort}/metrics");

    public string AuthorityFile => Path.Combine(_data, "dp-server-ca.crt");

    public static Task<OwnServer> StartAsync() => StartAsync(ServerConstraints.None);

    public static async Task<OwnServer> StartAsync(ServerConstraints constraints)
    {
        var server = new OwnServer(constraints);
        try
        {
            await server.BecomesReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGTERM, and once more on the same data and ports.</summary>
    /// <returns>How long it was away, until it was ready.</returns>
    public async Task<TimeSpan> RestartAsync()
    {
        var clock = Stopwatch.StartNew();
        await StopAsync();
        _process = Run();
        await BecomesReadyAsync();
        return clock.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_data, recursive: true);
    }

    private async Task StopAsync()
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, SigTerm);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private Process Run()
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        string[] command =
        [
            .. _constraints.Prefix, host,
            Assembly(), "--data", _data, "--api-port", $"{Api.Port}", "--api-tls-port", "0", "--dp-server-port", $"{DpServerPort}", "--diagnostics-port", $"{_diagnosticsPort}",
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task BecomesReadyAsync()
    {
        using var diagnostics = new HttpClient();
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            try
            {
                using var response = await diagnostics.GetAsync(new Uri($"http://127.0.0.1:{_diagnosticsPort}/ready"));
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (_process.HasExited || clock.Elapsed > Patience)
                throw new ControlPlaneException($"the server did not become ready; its last words:\n{string.Join('\n', _lastLines)}");
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _lastLines.Enqueue(line);
        if (_lastLines.Count > LinesKept)
            _lastLines.TryDequeue(out _);
    }

    private static string Assembly()
    {
        var configuration = typeof(OwnServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Configuration").Value!;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansMesh.sln")))
                return Path.Combine(folder.FullName, "src", "Silo", "bin", configuration, "net10.0", "OrleansMesh.Silo.dll");
        }

        throw new ControlPlaneException($"no checkout above {AppContext.BaseDirectory} to start a server from; give --server");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
