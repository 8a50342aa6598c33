using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrleansMesh.Cli.Proxies;

namespace OrleansMesh.Demo;

/// <summary>Everything that runs in the demo, each process with a log in the folder, and its orderly end.</summary>
internal sealed class Stage(string folder, Narrator narrator) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<(string Name, BoundProcess Process, Log Log)> _processes = [];
    private readonly List<IAsyncDisposable> _services = [];

    public string Folder => folder;

    /// <summary>Runs a .NET program.</summary>
    public void Run(string name, string assembly, params string[] arguments)
    {
        var log = new Log(Path.Combine(folder, $"{name}.log"));
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        _processes.Add((name, BoundProcess.Start(host, [assembly, .. arguments], log.Write), log));
    }

    /// <summary>Disposes of the service in the end.</summary>
    public T Owns<T>(T service)
        where T : IAsyncDisposable
    {
        _services.Add(service);
        return service;
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Asks again until there is an answer.</summary>
    /// <param name="what">What is waited for, as in "the control plane is ready".</param>
    /// <exception cref="StepFailedException">It did not come in 30 seconds, or a process ended.</exception>
    public async Task<T> EventuallyAsync<T>(string what, Func<Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(10, cancellation))
        {
            if (await ask() is { } answer)
                return answer;
            foreach (var (name, process, log) in _processes)
            {
                if (process.Exited.IsCompleted)
                    throw new StepFailedException($"{name} ended with exit code {await process.Exited} before {what}; its last words:\n{log.LastWords()}");
            }

            if (waited.Elapsed > Patience)
                throw new StepFailedException($"waited {Patience.TotalSeconds} s in vain until {what}; last words:\n{string.Join('\n', _processes.Select(p => $"{p.Name}:\n{p.Log.LastWords()}"))}");
        }
    }

    /// <summary>Waits until a process ends, which none should.</summary>
    public async Task UntilOneEndsAsync(CancellationToken cancellation)
    {
        await Task.WhenAny(_processes.Select(p => p.Process.Exited)).WaitAsync(cancellation);
        var (name, process, log) = _processes.First(p => p.Process.Exited.IsCompleted);
        throw new StepFailedException($"{name} ended with exit code {await process.Exited}; its last words:\n{log.LastWords()}");
    }

    /// <summary>A TCP port on loopback that nobody uses now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends the proxies, and then the control plane.</summary>
    public async ValueTask DisposeAsync()
    {
        var running = _processes.Where(p => !p.Process.Exited.IsCompleted).Reverse().ToArray();
        if (running.Length > 0)
            narrator.Say($"Stopping {string.Join(", ", running.Select(p => p.Name))}.");
        await Task.WhenAll(running.SkipLast(1).Select(p => p.Process.StopAsync(TimeSpan.FromSeconds(10))));
        foreach (var (_, process, _) in running.TakeLast(1))
            await process.StopAsync(TimeSpan.FromSeconds(10));
        foreach (var service in _services)
            await service.DisposeAsync();
        foreach (var (_, process, log) in _processes)
        {
            process.Dispose();
            log.Dispose();
        }
    }

    /// <summary>A process's log: a file, and its last lines.</summary>
    private sealed class Log(string path) : IDisposable
    {
        private const int Remembered = 12;

        private readonly Lock _lock = new();
        private readonly StreamWriter _file = new(path) { AutoFlush = true };
        private readonly Queue<string> _last = new();
        private bool _closed;

        public void Write(string line)
        {
            lock (_lock)
            {
                if (_closed)
                    return;
                _file.WriteLine(line);
                _last.Enqueue(line);
                if (_last.Count > Remembered)
                    _last.Dequeue();
            }
        }

        public string LastWords()
        {
            lock (_lock)
                return string.Join('\n', _last);
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _closed = true;
                _file.Dispose();
            }
        }
    }
}
