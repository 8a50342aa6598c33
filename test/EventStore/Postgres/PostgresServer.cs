using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace OrleansMesh.EventStore.Tests.Postgres;

/// <summary>A PostgreSQL of the tests' own: a cluster in a temporary folder, on a free port of 127.0.0.1 and on a Unix socket, with <c>fsync</c> on.</summary>
/// <remarks>Users of it come by TCP as <c>mesh</c>, the superuser, who needs no password unless <see cref="AllowAsync"/> says so.</remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string User = "mesh";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-pg-").FullName;
    private Process? _process;
    private int _databases;

    /// <summary>The folder of PostgreSQL's programs; null where there are none.</summary>
    public static string? Programs { get; } = FindPrograms();

    public int Port { get; private set; }

    public int ProcessId => Running.Id;

    /// <summary>The cluster's own files, with <c>postgresql.conf</c> and <c>pg_hba.conf</c>. Belongs to another user where the tests run as root.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>The folder of the Unix socket.</summary>
    public string SocketFolder => _folder;

    private Process Running => _process ?? throw new InvalidOperationException("PostgreSQL does not run");

    /// <summary>Skips the test where there is no PostgreSQL; where <c>CI=true</c> it fails.</summary>
    public static void Require()
    {
        if (Programs is null && Environment.GetEnvironmentVariable("CI") == "true")
            throw new InvalidOperationException("PostgreSQL is needed: initdb was not found");
        Skip.If(Programs is null, "PostgreSQL is needed: initdb was not found");
    }

    /// <summary>Makes the cluster and starts it.</summary>
    public async Task InitializeAsync()
    {
        if (Programs is null)
            return;
        if (Environment.UserName == "root")
            await RunAsync("chown", "nobody", _folder);
        await RunAsync([.. AsOrdinaryUser, Program("initdb"), "-D", Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        Port = FreePort();
        await StartAsync();
    }

    public async Task StartAsync()
    {
        // After a kill the shared memory of the one before may be in use for another moment, and a port may have been taken.
        for (var end = DateTime.UtcNow + Patience; ; await Task.Delay(50))
        {
            string[] command =
            [
                .. AsOrdinaryUser, Program("postgres"), "-D", Data, "-p", $"{Port}", "-k", _folder, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
                "-c", "fsync=on", "-c", "log_destination=stderr", "-c", "logging_collector=on", "-c", "log_directory=log", "-c", "log_filename=log",
            ];
            _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, WorkingDirectory = _folder })!;
            var errors = _process.StandardError.ReadToEndAsync();
            while (!_process.HasExited)
            {
                if (await IsReadyAsync())
                    return;
                Assert.True(DateTime.UtcNow < end, "PostgreSQL does not become ready");
                await Task.Delay(20);
            }

            Assert.True(DateTime.UtcNow < end, $"PostgreSQL does not start: {await errors}");
        }
    }

    /// <summary>SIGKILL to the server and all of its processes at once.</summary>
    public async Task KillAsync()
    {
        var children = ChildrenOf(Running.Id);
        Running.Kill();
        foreach (var child in children)
            Signal("KILL", child);
        await Running.WaitForExitAsync();
    }

    /// <summary>Stops it in order; sessions are ended.</summary>
    public async Task StopAsync()
    {
        Signal("INT", Running.Id);
        await Running.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
    }

    /// <summary>A new, empty database.</summary>
    public async Task<PostgresAddress> CreateDatabaseAsync(string options = "")
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"log{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} {options}");
        return new PostgresAddress("127.0.0.1", Port, name, User, PostgresTls.Disable);
    }

    /// <summary>Runs SQL behind the store's back; the first column of its rows.</summary>
    public async Task<List<string>> ExecuteAsync(string database, string sql)
    {
        // By the socket, where no password is ever asked for.
        await using var connection = new NpgsqlConnection($"Host={_folder};Port={Port};Username={User};Database={database};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        do
        {
            while (await row.ReadAsync())
                rows.Add(Convert.ToString(row.GetValue(0), CultureInfo.InvariantCulture)!);
        }
        while (await row.NextResultAsync());
        return rows;
    }

    /// <summary>Changes <c>pg_hba.conf</c>, who may come by TCP and how: <c>host all all all trust</c> at first.</summary>
    public async Task AllowAsync(string line)
    {
        await WriteFileAsync("pg_hba.conf", $"local all all trust\n{line}\n");
        await ExecuteAsync("postgres", "SELECT pg_reload_conf()");
    }

    /// <summary>Writes a file beside the cluster's own, as PostgreSQL wants its private ones.</summary>
    public async Task WriteFileAsync(string name, string text)
    {
        var path = Path.Combine(Data, name);
        await File.WriteAllTextAsync(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (Environment.UserName == "root")
            await RunAsync("chown", "nobody", path);
    }

    public async Task DisposeAsync()
    {
        if (_process is { HasExited: false })
            await StopAsync();
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // PostgreSQL refuses to run as root.
    private static string[] AsOrdinaryUser { get; } = Environment.UserName == "root" ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] : [];

    private static string Program(string name) => Path.Combine(Programs!, name);

    private static string? FindPrograms()
    {
        string[] packaged = Directory.Exists("/usr/lib/postgresql")
            ? [.. Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(static version => Path.Combine(version, "bin"))]
            : [];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(packaged)
            .FirstOrDefault(static folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }

    private static List<int> ChildrenOf(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id))
                continue;
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                // "id (name) state parent ...", where the name may hold anything.
                if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) == parent)
                    children.Add(id);
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return children;
    }

    private static void Signal(string signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{process}"]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command[0]}: {await output}{errors}");
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            await ExecuteAsync("postgres", "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
